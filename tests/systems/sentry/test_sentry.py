"""Sentry's own client and golive's envelope against the lab's ingest, and DSNs in what a site serves."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
import sentry_sdk
from sentry_ingest import sentry
from site_files import serves

from golive import Environment, RunInfo
from golive_checks.systems.env.files import EnvFile
from golive_checks.systems.http.page import page
from golive_checks.systems.machine.client.pace import Pace, RateLimit
from golive_checks.systems.page.bundle import bundle
from golive_checks.systems.sentry.sentry import DsnTarget, ingest, parsed, wired
from golive_checks.systems.vendors.client.client import Vendor, VendorLimits
from golive_lab.world.env_texts import API_DSN_KEY, WEB_DSN_KEY
from golive_lab.world.errors import Errors

Site = Callable[..., AbstractAsyncContextManager[Any]]


async def sent(dsn: str) -> Any:
    vendor = Vendor(VendorLimits(), Pace(RateLimit(), Environment("x")), RunInfo("0123abcd", "9.9"))
    try:
        return await ingest(EnvFile("api", role="api"), parsed("SENTRY_DSN", dsn), vendor)
    finally:
        await vendor.aclose()


async def test_sentrys_own_client_is_taken_in() -> None:
    async with sentry() as (taker, dsn):

        def tell() -> None:
            client = sentry_sdk.Client(dsn=dsn, default_integrations=False)
            client.capture_event({"message": "a test"})
            client.close(timeout=3)

        await asyncio.to_thread(tell)
    assert [event["message"] for event in taker.events] == ["a test"]


async def test_an_empty_envelope_makes_no_event() -> None:
    async with sentry() as (taker, dsn):
        got = await sent(dsn)
    assert (got.status, got.detail, taker.events) == (200, "", [])


@pytest.mark.parametrize("change", ["key", "project", "disabled"])
async def test_a_refusal_is_told(change: str) -> None:
    async with sentry(Errors(disabled=("1",)) if change == "disabled" else None) as (_, dsn):
        asked = {"key": dsn.replace(API_DSN_KEY, WEB_DSN_KEY), "project": dsn.replace("/1", "/3")}.get(change, dsn)
        got = await sent(asked)
    assert (got.status, "rejected" in got.detail) == (403, True)


async def test_where_a_bundle_sends_errors(site: Site) -> None:
    dsn = f"https://{WEB_DSN_KEY}@o1.ingest.sentry.io/45"
    index = f"<script src=/a.js></script><script src='https://js.sentry-cdn.com/{API_DSN_KEY}.min.js'></script>"
    async with site(serves(index=index, a__js=f'init({{dsn:"{dsn}"}});fetch("https://api.test/x")')) as there:
        fronts = await there.fronts()
        seen = await there.look(page, fronts=fronts)
        read = await there.look(bundle, page=seen, fronts=fronts)
        found = await there.look(wired, page=seen, bundle=read, fronts=fronts)
    assert found.places == {"/a.js": (DsnTarget("https://o1.ingest.sentry.io", "45", WEB_DSN_KEY),)}
    assert found.loader_keys == (API_DSN_KEY,)
    assert set(read.origins) == {"https://api.test", "https://js.sentry-cdn.com"}  # a DSN's key is no host
