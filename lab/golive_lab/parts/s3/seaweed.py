"""Where the S3 server of the reference stack is, if this machine has it."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path


def program() -> str | None:
    """Find SeaweedFS: beside this Python, where pip puts it, or on PATH. A Mac with Intel's processor has none."""
    return shutil.which("weed", path=str(Path(sys.executable).parent)) or shutil.which("weed")
