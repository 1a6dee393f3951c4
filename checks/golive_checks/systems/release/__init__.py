"""The release that is deployed: its version, health, readiness and smoke test."""
