"""Commands on another host, over the system's own OpenSSH."""

from .command import SshCommand

__all__ = ["SshCommand"]
