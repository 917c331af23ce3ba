"""Files other than notebooks that say what to run, and the tasks they make."""

from .describe import NAMES, describe_file

__all__ = ["NAMES", "describe_file"]
