"""The parts of the real stack: nginx, Knot DNS, unbound and moto, with the demo's API, front ends and S3 server."""

from golive_lab.api import API
from golive_lab.attested import PART as ATTESTED
from golive_lab.certificates import CERTIFICATES
from golive_lab.dns_real import DNS
from golive_lab.env import PART as ENV
from golive_lab.front import FRONTS
from golive_lab.nginx_real import NGINX
from golive_lab.s3_content import CONTENT_WITH_SETTINGS
from golive_lab.s3_front import FRONT_WITH_SETTINGS
from golive_lab.s3_server import SEAWEED, SETTINGS
from golive_lab.tls_server import FRONT

STAGES = (
    (CERTIFICATES, ENV, ATTESTED, FRONTS),
    (DNS, API, NGINX, FRONT, SEAWEED, SETTINGS),
    (FRONT_WITH_SETTINGS, CONTENT_WITH_SETTINGS),
)
