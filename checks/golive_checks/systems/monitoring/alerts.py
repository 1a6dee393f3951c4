"""The alerts that a system must have: named by the profile, and looked for among Prometheus's rules."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field, model_validator

from golive import Settings, Subject, probe
from golive_checks.subjects.monitoring import Prometheus


class Demand(BaseModel):
    """An alert that must exist, by one or more of its name, its labels, and what it looks at."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    name: str = ""
    """Its name, such as ApiDown; * and ? are wild."""
    labels: Mapping[str, str] = Field(default_factory=dict)
    """Labels that it must have, such as `{ team: payments }`."""
    metrics: tuple[str, ...] = ()
    """Metrics of which its expression must look at one, itself or by a recording rule; * and ? are wild."""
    may_be_silent: bool = False
    """Whether it may end at a receiver that sends nowhere, as a Watchdog does."""

    @model_validator(mode="after")
    def _names_something(self) -> "Demand":
        if not (self.name or self.labels or self.metrics):
            raise ValueError("needs at least one of name, labels, metrics")
        return self


class AlertDemands(Settings):
    """Which alerts there must be."""

    home: ClassVar[str] = "observability.alerts"

    demanded: Mapping[str, Demand] = Field(
        default_factory=lambda: {"service-down": Demand(metrics=("up", "probe_success", "probe_http_status_code"))}
    )
    """By a word of yours. Unless others are named: one that looks at `up` or at a probe."""


@dataclass(frozen=True)
class DemandedAlert(Subject):
    """An alert that must exist, by the profile's word for it."""

    prometheus: Prometheus
    alert: str = ""
    labels: tuple[tuple[str, str], ...] = ()
    metrics: tuple[str, ...] = ()
    may_be_silent: bool = False

    @classmethod
    def kind(cls) -> str:
        """Return the word reports use."""
        return "alert"


@probe(
    "monitoring.demanded-alert",
    empty="the profile declares no Prometheus, or demands no alert (observability.alerts.demanded)",
)
async def demanded_alerts(at: Prometheus, ask: AlertDemands) -> tuple[DemandedAlert, ...]:
    """Name the alerts that the profile demands."""
    return tuple(
        DemandedAlert(name, at, each.name, tuple(each.labels.items()), each.metrics, each.may_be_silent, at=at.at)
        for name, each in ask.demanded.items()
    )
