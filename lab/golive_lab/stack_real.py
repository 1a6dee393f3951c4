"""The parts of the real stack: nginx, Knot DNS and unbound, before the same API and front end as the demo's."""

from golive_lab.api import API
from golive_lab.attested import PART as ATTESTED
from golive_lab.certificates import CERTIFICATES
from golive_lab.dns_real import DNS
from golive_lab.env import PART as ENV
from golive_lab.front import FRONTS
from golive_lab.gateways.part import GATEWAYS, ORDERS, TOLD
from golive_lab.nginx_real import NGINX
from golive_lab.tls_server import FRONT

STAGES = ((CERTIFICATES, ENV, ATTESTED, TOLD, ORDERS, FRONTS), (DNS, GATEWAYS, API, NGINX, FRONT))
