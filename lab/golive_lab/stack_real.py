"""The parts of the real stack: nginx, Knot DNS, unbound, Postgres and pgBouncer, and the demo's API and front end."""

from golive_lab.api import API
from golive_lab.attested import PART as ATTESTED
from golive_lab.certificates import CERTIFICATES
from golive_lab.dns_real import DNS
from golive_lab.env import PART as ENV
from golive_lab.front import FRONTS
from golive_lab.nginx_real import NGINX
from golive_lab.pgbouncer import POOLER
from golive_lab.postgres_parts import parts
from golive_lab.tls_server import FRONT

POSTGRES, POSTGRES_CONTENT = parts("real")

STAGES = (
    (CERTIFICATES, ENV, ATTESTED, FRONTS),
    (*POSTGRES, DNS, API, NGINX, FRONT),
    (*POSTGRES_CONTENT, POOLER),
)
