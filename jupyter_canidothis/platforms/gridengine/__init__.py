"""Grid Engine clusters that this host can submit to."""

from .adapter import GridEngine, GridEngineConfig

__all__ = ["GridEngine", "GridEngineConfig"]
