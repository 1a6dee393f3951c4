"""Profiles: YAML with `extends:` and `${VAR}`, read with every place known, and held against the installed sections."""

from golive.profile.base import ProfileBase
from golive.profile.document import Document, read
from golive.profile.problems import Problem, ProfileError
from golive.profile.profile import Profile, from_masked, validate
from golive.profile.types import Duration, Expiry, FilePath

__all__ = [
    "Document",
    "Duration",
    "Expiry",
    "FilePath",
    "Problem",
    "Profile",
    "ProfileBase",
    "ProfileError",
    "from_masked",
    "read",
    "validate",
]
