"""The parts of the real stack: nginx, Knot DNS, unbound, Postgres, pgBouncer, moto, and others of the demo's."""

from golive_lab.parts.api.api import API
from golive_lab.parts.api.chat import PART as CHAT
from golive_lab.parts.api.orders import ORDERS
from golive_lab.parts.attested import PART as ATTESTED
from golive_lab.parts.backups.parts import parts as backup_parts
from golive_lab.parts.bench import PART as BENCH
from golive_lab.parts.certificates import CERTIFICATES
from golive_lab.parts.dns.real import DNS
from golive_lab.parts.drill import parts as drill_parts
from golive_lab.parts.edge.front import FRONTS
from golive_lab.parts.edge.nginx_real import NGINX
from golive_lab.parts.edge.tls_server import FRONT
from golive_lab.parts.env import PART as ENV
from golive_lab.parts.errors import PART as ERRORS
from golive_lab.parts.gateways.part import GATEWAYS, PROFILE_VALUES
from golive_lab.parts.monitoring.servers import ALERTMANAGER, NODE, PROMETHEUS, SETTLED
from golive_lab.parts.postgres.parts import parts
from golive_lab.parts.postgres.pgbouncer import POOLER
from golive_lab.parts.postgres.variables import PART as DATABASES
from golive_lab.parts.registry import PART as REGISTRY
from golive_lab.parts.results import PART as RESULTS
from golive_lab.parts.revocation import PART as AUTHORITY
from golive_lab.parts.s3.content import CONTENT_WITH_SETTINGS
from golive_lab.parts.s3.front import FRONT_WITH_SETTINGS
from golive_lab.parts.s3.server import SEAWEED, SETTINGS

POSTGRES, POSTGRES_CONTENT = parts("real")
BACKUPS, OFFSITE = backup_parts("real")
DRILL, DRILL_ROLE = drill_parts("real")

STAGES = (
    (CERTIFICATES, ENV, RESULTS, ATTESTED, BENCH, DATABASES, BACKUPS, DRILL, PROFILE_VALUES, FRONTS, PROMETHEUS),
    (
        *POSTGRES,
        DNS,
        AUTHORITY,
        REGISTRY,
        GATEWAYS,
        ERRORS,
        API,
        CHAT,
        NGINX,
        FRONT,
        SEAWEED,
        SETTINGS,
        ALERTMANAGER,
        NODE,
    ),
    (*POSTGRES_CONTENT, DRILL_ROLE, POOLER, FRONT_WITH_SETTINGS, CONTENT_WITH_SETTINGS, OFFSITE, SETTLED),
    (ORDERS,),
)
