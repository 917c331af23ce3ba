"""Can I run this notebook, here or somewhere else?

The package asks every platform it knows whether a task could run there, and
when, and what the smallest change is that makes a refusal a YES.
"""

from __future__ import annotations

from typing import Any

try:
    from ._version import __version__
except ImportError:  # a checkout that was never built
    __version__ = "0.0.0"

__all__ = ["__version__", "load_ipython_extension"]


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    return [{"src": "labextension", "dest": "jupyter-canidothis"}]


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "jupyter_canidothis.app"}]


def load_ipython_extension(shell: Any) -> None:
    """Add ``%canidothis`` to an IPython shell (``%load_ext jupyter_canidothis``)."""
    from .magic import CanIDoThisMagics

    shell.register_magics(CanIDoThisMagics)
