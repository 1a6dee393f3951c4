"""The reference stack: an AfriGest-shaped system on loopback, healthy by default, that can break on purpose."""

from pathlib import Path

PROFILE = Path(__file__).with_name("profile.yaml")
"""The profile that looks at it."""
