"""What a fact file says of an environment that can be laid beside another's. Pure.

The names of its own hosts are replaced by their keys, for those differ between any two environments. Each kind of trait
reads the records of some facts, which are plain data here.
"""

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Seen = Mapping[str, Any]
Trait = tuple[str, str]
"""A name, and a value."""

VOLATILE = re.compile(
    r"(age|date|etag|expires|last-modified|content-length|set-cookie|x-request-id|x-correlation-id|x-runtime|"
    r"x-response-time|x-served-by|x-timer|x-cache.*|cf-ray|x-amz-.*|x-vercel-id|via|report-to|nel|traceparent)"
)
"""Headers that differ from one answer to the next."""


def versions(fact: str, seen: Seen) -> Iterator[Trait]:
    """Yield which release a host runs, and which version its database is."""
    if fact == "release.deployed" and seen.get("says"):
        yield "release", str(seen["says"])
    if fact == "postgres.server-state" and isinstance(number := seen.get("version"), int):
        yield "PostgreSQL", f"{number // 10000}.{number % 10000}"


def variables(_: str, seen: Seen) -> Iterator[Trait]:
    """Yield the names of an env file's variables. No value is compared: it may be a secret."""
    yield from ((name, "set") for name in seen.get("values", {}))


def headers(_: str, seen: Seen) -> Iterator[Trait]:
    """Yield the headers of the front page's answer that are the same each time."""
    pages = [route["reply"] for route in seen.get("routes", ()) if route.get("kind") == "page"]
    for name, value in pages[0].get("headers", ()) if pages else ():
        if not VOLATILE.fullmatch(name):
            yield name, str(value)


def certificates(_: str, seen: Seen) -> Iterator[Trait]:
    """Yield who issued a host's certificate, its key, and for how long it is good."""
    chain = seen.get("certificates")
    if not chain:
        return
    leaf = chain[0]
    yield "issuer", str(leaf.get("issuer_organisation") or leaf.get("issuer_name") or "")
    yield "key", f"{leaf.get('key')} {leaf.get('curve') or leaf.get('key_bits')}"
    begin, end = (dt.datetime.fromisoformat(leaf[name]) for name in ("not_before", "not_after"))
    yield "lasts", f"{round((end - begin).total_seconds() / 86400)} days"


def migrations(_: str, seen: Seen) -> Iterator[Trait]:
    """Yield the migrations of a database or a tenant, each with how far it came."""
    yield from ((str(row["name"]), str(row["step"])) for row in seen.get("rows", ()))


@dataclass(frozen=True)
class TraitKind:
    """A kind of trait: the facts that have it, and how it is read from one."""

    facts: frozenset[str]
    of: Callable[[str, Seen], Iterator[Trait]]


KINDS: Mapping[str, TraitKind] = {
    "versions": TraitKind(frozenset({"release.deployed", "postgres.server-state"}), versions),
    "variables": TraitKind(frozenset({"env.variables"}), variables),
    "headers": TraitKind(frozenset({"http.answers"}), headers),
    "certificates": TraitKind(frozenset({"tls.served-chain"}), certificates),
    "migrations": TraitKind(frozenset({"prisma.master-rows", "prisma.migration-rows"}), migrations),
}


@dataclass(frozen=True)
class Traits:
    """What is known of one kind: the values of each subject by name; several that differ stand in a row."""

    values: Mapping[str, Mapping[str, str]]
    unseen: Mapping[str, str]
    """Why a subject could not be looked at."""


def traits(records: Sequence[Mapping[str, Any]], profile: Mapping[str, Any]) -> dict[str, Traits]:
    """Return an environment's traits by kind; `profile` is the one that its fact file has."""
    keys = keys_of_hosts(profile)
    # The longest first: an alternation takes the first that fits, and one name may be the beginning of another.
    names = sorted(keys, key=len, reverse=True)
    own = re.compile("|".join(rf"\b{re.escape(name)}(?::\d+)?" for name in names) or "(?!)")
    found = {}
    for name, kind in KINDS.items():
        values: dict[str, dict[str, dict[str, None]]] = {}
        unseen: dict[str, str] = {}
        for record in (r for r in records if r["fact"] in kind.facts):
            subject = _called(record["subject"], keys)
            if gap := record.get("gap"):
                unseen[subject] = str(gap.get("reason", ""))
            try:
                there = list(kind.of(record["fact"], record.get("seen") or {}))
            except (KeyError, TypeError, ValueError, AttributeError, IndexError):
                unseen[subject] = "recorded by another version of golive"
                continue
            for trait, value in there:
                text = own.sub(lambda m: f"<{keys[m.group().partition(':')[0].lower()]}>", value)
                values.setdefault(subject, {}).setdefault(trait, {})[text] = None
        in_a_row = {s: {trait: ", ".join(sorted(each)) for trait, each in there.items()} for s, there in values.items()}
        found[name] = Traits(in_a_row, {s: why for s, why in unseen.items() if s not in values})
    return found


def keys_of_hosts(profile: Mapping[str, Any]) -> dict[str, str]:
    """Return the profile's keys of its hosts, by the hosts' names: a host is called the same in each profile."""
    hosts = (profile.get("document") or {}).get("hosts") or {}
    return {str(entry.get("name", "")).lower(): key for key, entry in hosts.items() if isinstance(entry, Mapping)}


def _called(subject: str, keys: Mapping[str, str]) -> str:
    """Name a subject as both environments call it: a host and its addresses by its key, a tenant by its database."""
    kind, _, name = subject.partition(":")
    if kind in {"host", "address"}:
        host = name.partition("@")[0]
        return f"host {keys.get(host.lower(), host)}"
    if kind == "tenant":
        return f"tenants of {name.partition('/')[0]}"
    return f"{kind} {name}"
