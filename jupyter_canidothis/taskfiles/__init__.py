"""Files other than notebooks that say what to run, and the tasks they make."""

from .describe import CAP, NAMES, describe_file

__all__ = ["CAP", "NAMES", "describe_file"]
