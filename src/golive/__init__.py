"""golive says GO or NO-GO. This is the API for check authors (CONTRIBUTING.md), and for programs that run checks.

Names are imported when they are first asked for, so that `golive --version` needs none of them.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from golive.engine.counting import count_request as count_request
    from golive.engine.declare import Client as Client
    from golive.engine.declare import DatedTable as DatedTable
    from golive.engine.declare import Entry as Entry
    from golive.engine.declare import Environment as Environment
    from golive.engine.declare import Fact as Fact
    from golive.engine.declare import Now as Now
    from golive.engine.declare import Provided as Provided
    from golive.engine.declare import RunInfo as RunInfo
    from golive.engine.declare import Section as Section
    from golive.engine.declare import Settings as Settings
    from golive.engine.declare import Subject as Subject
    from golive.engine.declare import Unavailable as Unavailable
    from golive.engine.declare import check as check
    from golive.engine.declare import probe as probe
    from golive.engine.declare import subjects as subjects
    from golive.engine.loop import Stopwatch as Stopwatch
    from golive.engine.writes import Writes as Writes
    from golive.library import check_environment as check_environment
    from golive.library import check_environment_async as check_environment_async
    from golive.model import Effect as Effect
    from golive.model import Location as Location
    from golive.model import Outcome as Outcome
    from golive.model import Phase as Phase
    from golive.model import Series as Series
    from golive.model import Severity as Severity
    from golive.model import Trend as Trend
    from golive.model import Verdict as Verdict
    from golive.model import failed as failed
    from golive.model import not_applicable as not_applicable
    from golive.model import not_configured as not_configured
    from golive.model import passed as passed
    from golive.model import unknown as unknown
    from golive.model import verdict as verdict
    from golive.model import warned as warned
    from golive.sealed import Sealed as Sealed
    from golive.shortening import shortened as shortened

__all__ = [
    "Client",
    "DatedTable",
    "Effect",
    "Entry",
    "Environment",
    "Fact",
    "Location",
    "Now",
    "Outcome",
    "Phase",
    "Provided",
    "RunInfo",
    "Sealed",
    "Section",
    "Series",
    "Settings",
    "Severity",
    "Stopwatch",
    "Subject",
    "Trend",
    "Unavailable",
    "Verdict",
    "Writes",
    "check",
    "check_environment",
    "check_environment_async",
    "count_request",
    "failed",
    "not_applicable",
    "not_configured",
    "passed",
    "probe",
    "shortened",
    "subjects",
    "unknown",
    "verdict",
    "warned",
]

_HOMES = (
    "golive.model",
    "golive.engine.declare",
    "golive.engine.counting",
    "golive.engine.loop",
    "golive.sealed",
    "golive.shortening",
    "golive.engine.writes",
    "golive.library",
)


def __getattr__(name: str) -> object:
    """Import a name of the API from where it lives."""
    import importlib  # noqa: PLC0415 - golive --version needs neither it nor typing

    if name in __all__:
        for home in _HOMES:
            module = importlib.import_module(home)
            if hasattr(module, name):
                return getattr(module, name)
    raise AttributeError(f"module 'golive' has no attribute {name!r}")
