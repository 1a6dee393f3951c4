"""The parts of the demo stack: servers in pure Python, and the nginx configuration that the system would run."""

from golive_lab.api import API
from golive_lab.attested import PART as ATTESTED
from golive_lab.certificates import CERTIFICATES
from golive_lab.dns_demo import DNS
from golive_lab.edge import EDGE
from golive_lab.env import PART as ENV
from golive_lab.nginx_real import NGINX_FILES
from golive_lab.postgres_parts import parts
from golive_lab.tls_server import FRONT

POSTGRES, POSTGRES_CONTENT = parts("demo")

STAGES = (
    (CERTIFICATES, ENV, ATTESTED, NGINX_FILES),
    (*POSTGRES, DNS, API, EDGE, FRONT),
    POSTGRES_CONTENT,
)
