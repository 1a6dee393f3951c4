"""The second application: Express and Socket.IO, tenants by a header, prices in XOF, and golive's profile of it."""

from __future__ import annotations

from pathlib import Path

PROFILE = Path(__file__).with_name("profile.yaml")
