"""HTCondor: asked by matching on what its collector publishes, and by its own dry run."""

from .adapter import HTCondor, HTCondorConfig

__all__ = ["HTCondor", "HTCondorConfig"]
