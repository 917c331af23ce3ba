"""The server extension: hands a planner to the routes, made when first needed."""

from __future__ import annotations

import getpass
import grp
import os
from functools import cached_property
from typing import Any

from jupyter_server.auth.identity import IdentityProvider, PasswordIdentityProvider
from jupyter_server.serverapp import ServerApp
from jupyter_server.utils import url_path_join

from . import routes
from .planner import Planner
from .platforms.base import Asker

__all__ = ["Door"]


class Door:
    """What the routes need of the server they run in.

    Nothing is read or built before the first request, so that a server starts
    as fast with this extension as without.
    """

    def __init__(self, server: ServerApp) -> None:
        self._server = server

    @cached_property
    def planner(self) -> Planner:
        """The planner of this server's configuration."""
        from .config import load_planner

        return load_planner(self._server.config)

    @cached_property
    def _owner(self) -> Asker:
        name = getpass.getuser()
        ids = os.getgrouplist(name, os.getgid())
        return Asker(name, frozenset(_group_names(ids)))

    def asker(self, user: Any) -> Asker:
        """Say on whose behalf a request asks.

        A server whose identity provider knows no names invents a new one for
        each token request; who holds its token or password is its owner.
        """
        if type(self._server.identity_provider) in (IdentityProvider, PasswordIdentityProvider):
            return self._owner
        groups = getattr(user, "hub_user", None) or {}
        return Asker(user.username, frozenset(groups.get("groups", ())))


def _group_names(ids: list[int]) -> list[str]:
    names = {entry.gr_gid: entry.gr_name for entry in grp.getgrall()}
    return [names[number] for number in ids if number in names]


def _load_jupyter_server_extension(server: ServerApp) -> None:
    """Register the routes; called by the server."""
    door = Door(server)
    base = server.web_app.settings["base_url"]
    server.web_app.add_handlers(
        ".*$",
        [
            (url_path_join(base, "canidothis", path), handler, {"door": door})
            for path, handler in routes.ROUTES
        ],
    )
