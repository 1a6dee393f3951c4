"""Profiles: YAML with `extends:` and `${VAR}`, read with every place known, and held against the installed sections.

Names are imported when they are first asked for: who wants a type of it need not wait for the reading of YAML.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from golive.profile.base import ProfileBase as ProfileBase
    from golive.profile.document import ProfileDocument as ProfileDocument
    from golive.profile.document import given as given
    from golive.profile.document import read as read
    from golive.profile.part import ANY as ANY
    from golive.profile.part import Keys as Keys
    from golive.profile.part import within as within
    from golive.profile.problems import Problem as Problem
    from golive.profile.problems import ProfileError as ProfileError
    from golive.profile.profile import Profile as Profile
    from golive.profile.profile import from_masked as from_masked
    from golive.profile.profile import validate as validate
    from golive.profile.types import Duration as Duration
    from golive.profile.types import Expiry as Expiry
    from golive.profile.types import FilePath as FilePath

__all__ = [
    "ANY",
    "Duration",
    "Expiry",
    "FilePath",
    "Keys",
    "Problem",
    "Profile",
    "ProfileBase",
    "ProfileDocument",
    "ProfileError",
    "from_masked",
    "given",
    "read",
    "validate",
    "within",
]

_HOMES = {
    "ANY": "golive.profile.part",
    "ProfileDocument": "golive.profile.document",
    "Duration": "golive.profile.types",
    "Expiry": "golive.profile.types",
    "FilePath": "golive.profile.types",
    "Keys": "golive.profile.part",
    "Problem": "golive.profile.problems",
    "Profile": "golive.profile.profile",
    "ProfileBase": "golive.profile.base",
    "ProfileError": "golive.profile.problems",
    "from_masked": "golive.profile.profile",
    "given": "golive.profile.document",
    "read": "golive.profile.document",
    "validate": "golive.profile.profile",
    "within": "golive.profile.part",
}


def __getattr__(name: str) -> object:
    """Import a name from where it lives."""
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'golive.profile' has no attribute {name!r}")
