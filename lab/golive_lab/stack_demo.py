"""The parts of the demo stack: servers in pure Python, and the nginx configuration that the system would run."""

from golive_lab.api import API
from golive_lab.attested import PART as ATTESTED
from golive_lab.backup_parts import parts as backup_parts
from golive_lab.bench import PART as BENCH
from golive_lab.certificates import CERTIFICATES
from golive_lab.dns_demo import DNS
from golive_lab.drill import parts as drill_parts
from golive_lab.edge import EDGE
from golive_lab.env import PART as ENV
from golive_lab.errors import PART as ERRORS
from golive_lab.gateways.part import GATEWAYS, ORDERS, TOLD
from golive_lab.nginx_real import NGINX_FILES
from golive_lab.postgres_parts import parts
from golive_lab.postgres_variables import PART as DATABASES
from golive_lab.project import PART as RESULTS
from golive_lab.s3_content import CONTENT
from golive_lab.s3_front import FRONT as S3_FRONT
from golive_lab.s3_server import SEAWEED
from golive_lab.seaweed import program as seaweed
from golive_lab.tls_server import FRONT

POSTGRES, POSTGRES_CONTENT = parts("demo")
BACKUPS, OFFSITE = backup_parts("demo")
DRILL, DRILL_ROLE = drill_parts("demo")
S3_SERVER, S3 = ((SEAWEED,), (S3_FRONT, CONTENT, OFFSITE)) if seaweed() else ((), ())

STAGES = (
    (CERTIFICATES, ENV, RESULTS, ATTESTED, BENCH, DATABASES, BACKUPS, DRILL, TOLD, ORDERS, NGINX_FILES),
    (*POSTGRES, DNS, GATEWAYS, ERRORS, API, EDGE, FRONT, *S3_SERVER),
    (*POSTGRES_CONTENT, DRILL_ROLE, *S3),
)
