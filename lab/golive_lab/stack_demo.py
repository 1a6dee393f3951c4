"""The parts of the demo stack: servers in pure Python, and the nginx configuration that the system would run."""

from golive_lab.api import API
from golive_lab.attested import PART as ATTESTED
from golive_lab.certificates import CERTIFICATES
from golive_lab.dns_demo import DNS
from golive_lab.edge import EDGE
from golive_lab.env import PART as ENV
from golive_lab.gateways.part import GATEWAYS, ORDERS, TOLD
from golive_lab.nginx_real import NGINX_FILES
from golive_lab.tls_server import FRONT

STAGES = ((CERTIFICATES, ENV, ATTESTED, TOLD, ORDERS, NGINX_FILES), (DNS, GATEWAYS, API, EDGE, FRONT))
