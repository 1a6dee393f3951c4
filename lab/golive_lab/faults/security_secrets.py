"""What can be wrong with how secrets are kept."""

from __future__ import annotations

from golive_lab.fault import Fault
from golive_lab.faults.env import env

IN_GIT = "secrets.not-in-git"

FAULTS = (
    Fault("secrets.in-git", IN_GIT, "A key is in the API's code", env(leaked="now")),
    Fault("secrets.once-in-git", IN_GIT, "A key was in the API's code, and was removed", env(leaked="once")),
    Fault(
        "secrets.history-cut-off",
        IN_GIT,
        "The repository's history is cut off",
        env(shallow=True),
        also=("env.files-guarded",),
        outcome="unknown",
    ),
    Fault("secrets.old", "secrets.rotated", "The tokens' secret is two years old", env(jwt_age_days=730)),
)
