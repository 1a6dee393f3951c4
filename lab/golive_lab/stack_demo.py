"""The parts of the demo stack: servers in pure Python, and the nginx configuration that the system would run."""

from golive_lab.parts.api.api import API
from golive_lab.parts.api.orders import ORDERS
from golive_lab.parts.attested import PART as ATTESTED
from golive_lab.parts.backups.parts import parts as backup_parts
from golive_lab.parts.bench import PART as BENCH
from golive_lab.parts.certificates import CERTIFICATES
from golive_lab.parts.dns.demo import DNS
from golive_lab.parts.drill import parts as drill_parts
from golive_lab.parts.edge.edge import EDGE
from golive_lab.parts.edge.nginx_real import NGINX_FILES
from golive_lab.parts.edge.site import SITE
from golive_lab.parts.edge.tls_server import FRONT
from golive_lab.parts.env import PART as ENV
from golive_lab.parts.errors import PART as ERRORS
from golive_lab.parts.gateways.part import GATEWAYS, PROFILE_VALUES
from golive_lab.parts.monitoring.recorded import WATCHERS
from golive_lab.parts.postgres.parts import parts
from golive_lab.parts.postgres.variables import PART as DATABASES
from golive_lab.parts.registry import PART as REGISTRY
from golive_lab.parts.results import PART as RESULTS
from golive_lab.parts.revocation import PART as AUTHORITY
from golive_lab.parts.s3.content import CONTENT
from golive_lab.parts.s3.front import FRONT as S3_FRONT
from golive_lab.parts.s3.seaweed import program as seaweed
from golive_lab.parts.s3.server import SEAWEED

POSTGRES, POSTGRES_CONTENT = parts("demo")
BACKUPS, OFFSITE = backup_parts("demo")
DRILL, DRILL_ROLE = drill_parts("demo")
S3_SERVER, S3 = ((SEAWEED,), (S3_FRONT, CONTENT, OFFSITE)) if seaweed() else ((), ())

STAGES = (
    (CERTIFICATES, ENV, RESULTS, ATTESTED, BENCH, DATABASES, BACKUPS, DRILL, PROFILE_VALUES, NGINX_FILES),
    (*POSTGRES, DNS, AUTHORITY, REGISTRY, GATEWAYS, ERRORS, API, EDGE, SITE, FRONT, WATCHERS, *S3_SERVER),
    (*POSTGRES_CONTENT, DRILL_ROLE, *S3),
    (ORDERS,),
)
