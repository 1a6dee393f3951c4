"""The parts of the demo stack: servers in pure Python, and the nginx configuration that the system would run."""

from golive_lab.api import API
from golive_lab.attested import PART as ATTESTED
from golive_lab.certificates import CERTIFICATES
from golive_lab.dns_demo import DNS
from golive_lab.edge import EDGE
from golive_lab.env import PART as ENV
from golive_lab.nginx_real import NGINX_FILES
from golive_lab.s3_content import CONTENT
from golive_lab.s3_front import FRONT as S3_FRONT
from golive_lab.s3_server import SEAWEED
from golive_lab.seaweed import program as seaweed
from golive_lab.tls_server import FRONT

SERVERS = (DNS, API, EDGE, FRONT)
STAGES = (
    (CERTIFICATES, ENV, ATTESTED, NGINX_FILES),
    (*SERVERS, SEAWEED) if seaweed() else SERVERS,
    (S3_FRONT, CONTENT) if seaweed() else (),
)
