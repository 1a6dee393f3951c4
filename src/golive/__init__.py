"""golive says GO or NO-GO. This is the API for check authors; see CONTRIBUTING.md.

Names are imported when they are first asked for, so that `golive --version` needs none of them.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from golive.declare import Client as Client
    from golive.declare import Entry as Entry
    from golive.declare import Environment as Environment
    from golive.declare import Fact as Fact
    from golive.declare import Now as Now
    from golive.declare import RunInfo as RunInfo
    from golive.declare import Section as Section
    from golive.declare import Settings as Settings
    from golive.declare import Subject as Subject
    from golive.declare import Unavailable as Unavailable
    from golive.declare import check as check
    from golive.declare import probe as probe
    from golive.declare import subjects as subjects
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
    from golive.model import passed as passed
    from golive.model import unknown as unknown
    from golive.model import verdict as verdict
    from golive.model import warned as warned
    from golive.sealed import Sealed as Sealed
    from golive.writes import Writes as Writes

__all__ = [
    "Client",
    "Effect",
    "Entry",
    "Environment",
    "Fact",
    "Location",
    "Now",
    "Outcome",
    "Phase",
    "RunInfo",
    "Sealed",
    "Section",
    "Series",
    "Settings",
    "Severity",
    "Subject",
    "Trend",
    "Unavailable",
    "Verdict",
    "Writes",
    "check",
    "failed",
    "not_applicable",
    "passed",
    "probe",
    "subjects",
    "unknown",
    "verdict",
    "warned",
]

_HOMES = ("golive.model", "golive.declare", "golive.sealed", "golive.writes")


def __getattr__(name: str) -> object:
    """Import a name of the API from where it lives."""
    import importlib  # noqa: PLC0415 - golive --version needs neither it nor typing

    if name in __all__:
        for home in _HOMES:
            module = importlib.import_module(home)
            if hasattr(module, name):
                return getattr(module, name)
    raise AttributeError(f"module 'golive' has no attribute {name!r}")
