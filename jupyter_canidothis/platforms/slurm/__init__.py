"""Slurm: asked by ``sbatch --test-only`` and by arithmetic on what ``scontrol`` publishes."""

from .adapter import Slurm, SlurmConfig

__all__ = ["Slurm", "SlurmConfig"]
