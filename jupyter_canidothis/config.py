"""The administrator's face: traits, configuration files, and the planner they make.

Server, kernel and command line read the same files: ``jupyter_config.py|json``
and ``jupyter_canidothis_config.py|json`` along the Jupyter configuration path.
"""

from __future__ import annotations

from typing import Any

from jupyter_core.application import JupyterApp
from traitlets import Bool, Dict, Float, List, TraitError
from traitlets.config import Config, Configurable

from .errors import ConfigurationError
from .evidence import trim
from .planner import DEADLINE, PLATFORM_DEADLINE, Planner
from .platforms import registry
from .platforms.base import Edges

__all__ = ["CanIDoThis", "load", "load_planner", "read_files"]


class CanIDoThis(Configurable):
    """Which platforms are asked, and how long they may take."""

    platforms = List(
        Dict(),
        help="""Platforms to ask, one mapping each. ``kind`` names the adapter,
        ``name`` is what people read; the other keys belong to the kind, e.g.
        ``[{"kind": "slurm", "name": "Cuillin"}]``.""",
    ).tag(config=True)
    added = List(
        Dict(),
        help="""Platforms that this user added in the panel, in the same form; kept apart
        so that writing them leaves ``platforms`` of other files alone.""",
    ).tag(config=True)
    may_add = Bool(
        default_value=True,
        help="Whether users may add platforms of their own in the panel.",
    ).tag(config=True)
    discover = Bool(
        default_value=True,
        help="""Also ask what this machine knows of by itself: the machine, and batch
        systems whose commands are on PATH and whose configuration names a cluster, and
        what else its settings lead to. Never looks at the network.""",
    ).tag(config=True)
    deadline = Float(
        DEADLINE, min=0.1, help="Seconds after which a plan ends, whoever is still silent."
    ).tag(config=True)
    platform_deadline = Float(
        PLATFORM_DEADLINE,
        min=0.1,
        help="Seconds one platform may take, unless its entry sets ``timeout``.",
    ).tag(config=True)

    def planner(self, edges: Edges | None = None) -> Planner:
        """Build the planner this configuration describes.

        Parameters
        ----------
        edges
            Replaces what adapters touch outside the process.
        """
        found = registry.discover() if self.discover else ()
        entries = registry.build(self.platforms, found, edges, added=self.added)
        return Planner(
            entries, deadline=self.deadline, platform_deadline=self.platform_deadline
        )


class _Files(JupyterApp):
    """Knows where Jupyter keeps configuration files; never runs."""

    name = "jupyter-canidothis"


def read_files() -> Config:
    """Read the configuration files of this user and machine.

    Raises
    ------
    ConfigurationError
        One of them cannot be read; without it platforms would be missing unsaid.
    """
    files = _Files(raise_config_file_errors=True)
    try:
        files.load_config_file()
    except Exception as error:  # a configuration file in Python can raise anything
        why = trim(f"{type(error).__name__}: {error}", 300)
        raise ConfigurationError(
            f"a configuration file cannot be read: {why}",
            hint="see jupyter_canidothis_config and jupyter_config along `jupyter --paths`",
        ) from error
    config: Config = files.config
    return config


def load(config: Config | None = None, **traits: Any) -> CanIDoThis:
    """Read the configuration files into traits.

    Parameters
    ----------
    config
        What a running server was given; wins over the files.
    **traits
        Traits set by the caller; win over everything.

    Raises
    ------
    ConfigurationError
        A trait has a value of the wrong type.
    """
    merged = read_files()
    if config is not None:
        merged.merge(config)
    try:
        return CanIDoThis(config=merged, **traits)
    except TraitError as error:
        raise ConfigurationError(f"c.CanIDoThis: {error}") from error


def load_planner(
    config: Config | None = None, edges: Edges | None = None, **traits: Any
) -> Planner:
    """Build a planner from the configuration files.

    Parameters
    ----------
    config
        As for `load`.
    edges
        Replaces what adapters touch outside the process.
    **traits
        As for `load`.

    Raises
    ------
    ConfigurationError
        A trait has a value of the wrong type.
    """
    return load(config, **traits).planner(edges)
