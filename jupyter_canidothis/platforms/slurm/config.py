"""What an administrator may write about a Slurm cluster."""

from __future__ import annotations

from ..base import PlatformConfig, Word

__all__ = ["SlurmConfig"]


class SlurmConfig(PlatformConfig, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Keys of an entry of kind ``slurm``."""

    partitions: tuple[str, ...] = ()
    """Only these partitions; all that the user may see when empty."""
    account: Word = ""
    """Account that jobs are charged to; the user's default when empty."""
    qos: Word = ""
    """Quality of service; the default when empty."""
    bin: str = ""
    """Folder of Slurm's commands; PATH when empty."""
    conf: str = ""
    """Path of slurm.conf; ``SLURM_CONF`` or the default when empty."""
    ssh: str = ""
    """Host, as ssh(1) takes it, on which the commands are run; empty is this one."""
    ssh_config: str = ""
    """Path of an ssh_config(5) file; the user's own when empty."""
    url: str = ""
    """Address of slurmrestd, to read that instead of running commands; `conf` is then a
    copy of the cluster's slurm.conf on this host."""
    user: str = ""
    """User name for slurmrestd; that of the token when empty."""
    token_env: str = ""
    """Environment variable that holds the token for slurmrestd."""
    token_file: str = ""
    """File that holds the token for slurmrestd."""
