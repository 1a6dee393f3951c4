"""The subjects of several sections, and the profile keys that name them."""

from golive_checks.subjects.backups import BackupSource
from golive_checks.subjects.buckets import Bucket, BucketPlace, Key
from golive_checks.subjects.databases import Database, Hosting, Tenants
from golive_checks.subjects.hosts import Edge, Host, HostName, Port, Role, UrlPath
from golive_checks.subjects.recovery import Query, Recovery
from golive_checks.subjects.repository import Repository
from golive_checks.subjects.secrets import Secret, Vault

__all__ = [
    "BackupSource",
    "Bucket",
    "BucketPlace",
    "Database",
    "Edge",
    "Host",
    "HostName",
    "Hosting",
    "Key",
    "Port",
    "Query",
    "Recovery",
    "Repository",
    "Role",
    "Secret",
    "Tenants",
    "UrlPath",
    "Vault",
]
