"""The parts of the real stack: nginx, Knot DNS, unbound, Postgres, pgBouncer, moto, and others of the demo's."""

from golive_lab.api import API
from golive_lab.attested import PART as ATTESTED
from golive_lab.backup_parts import parts as backup_parts
from golive_lab.bench import PART as BENCH
from golive_lab.certificates import CERTIFICATES
from golive_lab.chat import PART as CHAT
from golive_lab.dns_real import DNS
from golive_lab.drill import parts as drill_parts
from golive_lab.env import PART as ENV
from golive_lab.errors import PART as ERRORS
from golive_lab.front import FRONTS
from golive_lab.gateways.part import GATEWAYS, ORDERS, TOLD
from golive_lab.nginx_real import NGINX
from golive_lab.pgbouncer import POOLER
from golive_lab.postgres_parts import parts
from golive_lab.postgres_variables import PART as DATABASES
from golive_lab.project import PART as RESULTS
from golive_lab.s3_content import CONTENT_WITH_SETTINGS
from golive_lab.s3_front import FRONT_WITH_SETTINGS
from golive_lab.s3_server import SEAWEED, SETTINGS
from golive_lab.tls_server import FRONT

POSTGRES, POSTGRES_CONTENT = parts("real")
BACKUPS, OFFSITE = backup_parts("real")
DRILL, DRILL_ROLE = drill_parts("real")

STAGES = (
    (CERTIFICATES, ENV, RESULTS, ATTESTED, BENCH, DATABASES, BACKUPS, DRILL, TOLD, ORDERS, FRONTS),
    (*POSTGRES, DNS, GATEWAYS, ERRORS, API, CHAT, NGINX, FRONT, SEAWEED, SETTINGS),
    (*POSTGRES_CONTENT, DRILL_ROLE, POOLER, FRONT_WITH_SETTINGS, CONTENT_WITH_SETTINGS, OFFSITE),
)
