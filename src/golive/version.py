"""golive's version, here alone: pyproject.toml reads it too."""

VERSION = "0.1.0"
