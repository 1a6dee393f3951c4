"""Which attestations the profile holds."""

from collections.abc import Mapping
from dataclasses import dataclass

from golive import Environment, Fact, Unavailable, probe
from golive_checks.probes.evidence import Attestation, Evidence


@dataclass(frozen=True)
class Attested(Fact):
    """The names of the profile's attestations; whether each still holds is judged by itself."""

    names: tuple[str, ...]


@probe
async def attested(env: Environment, there: Mapping[Attestation, Evidence | Unavailable]) -> Attested:
    """Name the attestations of the profile."""
    return Attested(tuple(sorted(each.name for each in there)))
