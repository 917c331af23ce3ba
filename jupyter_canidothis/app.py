"""The server extension: hands a planner to the routes, made when first needed."""

from __future__ import annotations

import getpass
import grp
import os
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any

from jupyter_server.auth.identity import IdentityProvider, PasswordIdentityProvider
from jupyter_server.serverapp import ServerApp
from jupyter_server.utils import ensure_async, to_os_path, url_path_join
from tornado.web import HTTPError

from . import routes
from .errors import NotebookError, RequestError
from .planner import Planner
from .platforms.base import Asker
from .task import Task
from .wire.plan import DescribeRequest

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

    async def describe(self, request: DescribeRequest) -> Task:
        """Describe a notebook as the front end holds it, or as it lies on disk.

        Raises
        ------
        RequestError
            The kernel is not one of this server's.
        NotebookError
            There is no such notebook, or it cannot be read.
        """
        from .notebook.live import describe_live

        notebook = request.notebook
        if notebook is None:
            notebook = await self._read(request.path)
        return await describe_live(
            notebook,
            path=request.path,
            folder=self._folder(request.path),
            **self._kernel(request.kernel_id),
        )

    async def _read(self, path: str) -> dict[str, Any]:
        contents = self._server.contents_manager
        try:
            model = await ensure_async(contents.get(path, type="notebook", content=True))
        except HTTPError as error:
            raise NotebookError(
                f"{path or 'the notebook'} cannot be read: {error.log_message}",
                hint="give the path of a notebook this server can open, or its content",
            ) from error
        return dict(model["content"])

    def _folder(self, path: str) -> Path | None:
        """Return the folder of a notebook on this disk, None when it has none."""
        parts = PurePosixPath(path).parts
        root = getattr(self._server.contents_manager, "root_dir", "")
        if not path or not root or ".." in parts or PurePosixPath(path).is_absolute():
            return None
        folder = Path(to_os_path(path, root)).parent
        return folder if folder.is_dir() else None

    def _kernel(self, kernel_id: str) -> dict[str, Any]:
        if not kernel_id:
            return {}
        kernels = self._server.kernel_manager
        if kernel_id not in kernels:
            raise RequestError("kernel_id", kernel_id, "a running kernel of this server")
        kernel = kernels.get_kernel(kernel_id)
        return {
            "kernel_name": kernel.kernel_name,
            # Only kernels started by this server on this host have a process here.
            "pid": getattr(getattr(kernel, "provisioner", None), "pid", None),
            "busy": getattr(kernel, "execution_state", "") == "busy",
        }


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
