"""CloudWatch Logs: what a log group holds since a moment, and for how long it keeps it."""

import datetime as dt
from typing import Any

from golive import Client, Unavailable
from golive_checks.systems.aws.client.aws import Aws, AwsSettings

MAX_EVENTS, MAX_PAGES = 500, 10
"""A page of FilterLogEvents may be empty though there is more to come."""


class CloudWatchLogs(Client):
    """Asks CloudWatch Logs."""

    def __init__(self, aws: Aws) -> None:
        self._aws = aws

    async def lines(self, group: str, since: dt.datetime, containing: str, ask: AwsSettings) -> list[str]:
        """Return the messages since a moment that hold a text; any, for an empty one."""
        start = int(since.timestamp() * 1000)

        def get(client: Any) -> list[str]:
            # a pattern in double quotes is taken as it stands
            only = {"filterPattern": f'"{containing}"'} if containing else {}
            pages = client.get_paginator("filter_log_events").paginate(
                logGroupName=group, startTime=start, PaginationConfig={"MaxItems": MAX_EVENTS}, **only
            )
            found: list[str] = []
            for number, page in enumerate(pages):
                found += [str(event["message"]) for event in page["events"]]
                if number >= MAX_PAGES and not found:
                    raise Unavailable(
                        f"the log group {group} was not searched to its end: there are more than {MAX_PAGES} pages"
                    )
                if number >= MAX_PAGES:
                    break  # some are there, and nobody counts them
            return found

        return await self._aws.asked("logs", f"the log group {group}", ask, get)

    async def retention_days(self, group: str, ask: AwsSettings) -> int | None:
        """Return for how many days a log group keeps its events; None: forever."""

        def get(client: Any) -> int | None:
            pages = client.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=group)
            for page in pages:
                for each in page["logGroups"]:
                    if each["logGroupName"] == group:
                        return int(each["retentionInDays"]) if "retentionInDays" in each else None
            raise Unavailable(f"there is no log group {group}", fix="Look at its name, the region and the account.")

        return await self._aws.asked("logs", f"the log group {group}", ask, get)
