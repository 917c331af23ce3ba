"""Files other than notebooks that say what to run, and the tasks they make."""

from .describe import CAP, NAMES, describe_file, describe_path, is_named

__all__ = ["CAP", "NAMES", "describe_file", "describe_path", "is_named"]
