"""Amazon RDS: what it says of an instance or a cluster, and of their snapshots."""

from collections.abc import Mapping
from typing import Any

from golive import Client, Unavailable
from golive_checks.systems.aws.client.aws import Aws, AwsSettings

MAX_SNAPSHOTS = 5_000
Described = Mapping[str, Any]


class Rds(Client):
    """Asks RDS, which holds Aurora's clusters as well."""

    def __init__(self, aws: Aws) -> None:
        self._aws = aws

    async def instance(self, name: str, ask: AwsSettings) -> Described:
        """Return what DescribeDBInstances says of an instance."""

        def get(client: Any) -> Described:
            found: Described = client.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]
            return found

        return await self._aws.asked("rds", f"the DB instance {name}", ask, get)

    async def cluster(self, name: str, ask: AwsSettings) -> Described:
        """Return what DescribeDBClusters says of a cluster."""

        def get(client: Any) -> Described:
            found: Described = client.describe_db_clusters(DBClusterIdentifier=name)["DBClusters"][0]
            return found

        return await self._aws.asked("rds", f"the DB cluster {name}", ask, get)

    async def instance_snapshots(self, name: str, ask: AwsSettings) -> list[Described]:
        """Return every snapshot of an instance, automated and manual."""

        def get(client: Any) -> list[Described]:
            pages = client.get_paginator("describe_db_snapshots").paginate(DBInstanceIdentifier=name)
            return _all(pages, "DBSnapshots", name)

        return await self._aws.asked("rds", f"the snapshots of {name}", ask, get)

    async def cluster_snapshots(self, name: str, ask: AwsSettings) -> list[Described]:
        """Return every snapshot of a cluster, automated and manual."""

        def get(client: Any) -> list[Described]:
            pages = client.get_paginator("describe_db_cluster_snapshots").paginate(DBClusterIdentifier=name)
            return _all(pages, "DBClusterSnapshots", name)

        return await self._aws.asked("rds", f"the snapshots of {name}", ask, get)


def _all(pages: Any, key: str, name: str) -> list[Described]:
    found: list[Described] = []
    for page in pages:
        found += page[key]
        if len(found) > MAX_SNAPSHOTS:
            raise Unavailable(f"{name} has more than {MAX_SNAPSHOTS:,} snapshots")
    return found
