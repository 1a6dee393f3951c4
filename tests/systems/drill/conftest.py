"""The servers, dumps and bench of the drill's tests."""

from drill_bench import bench, dumps, eighteen, production, scratch

__all__ = ["bench", "dumps", "eighteen", "production", "scratch"]
