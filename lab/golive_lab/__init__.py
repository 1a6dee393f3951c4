"""The reference stack: an AfriGest-shaped system on loopback, healthy by default, that can break on purpose."""

from pathlib import Path

from golive_lab.parts.s3 import seaweed

PROFILE = Path(__file__).with_name("profile.yaml" if seaweed.program() else "profile_without_buckets.yaml")
"""The profile that looks at it."""
