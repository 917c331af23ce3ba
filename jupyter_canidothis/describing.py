"""What the HTTP door describes: the notebooks, kernels and files of one server."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import Any

import msgspec
from jupyter_server.serverapp import ServerApp
from jupyter_server.utils import ensure_async, to_os_path
from tornado.web import HTTPError

from .errors import NotebookError, RequestError
from .notebook.kernel import ELSEWHERE, LiveKernel, from_replies
from .notebook.live import describe_live
from .notebook.messages import questions
from .task import Task
from .taskfiles import CAP, describe_file
from .wire import plan as wire

__all__ = ["Describer"]


class Describer:
    """Describes what lies on a server.

    Parameters
    ----------
    server
        The server whose kernels, notebooks and other files these are.
    """

    def __init__(self, server: ServerApp) -> None:
        self._server = server

    async def describe(self, body: bytes) -> bytes:
        """Describe a notebook as the front end holds it, or it or another file on disk.

        Raises
        ------
        RequestError
            The kernel is not one of this server's.
        NotebookError
            There is no such file, or it cannot be read.
        """
        request = wire.decode_describe_request(body)
        if request.notebook is None and not request.path:
            raise RequestError(
                "path", "", "the path of a notebook or other file, or its content"
            )
        notebook = request.notebook
        if notebook is None and not request.path.lower().endswith(".ipynb"):
            text = await self._read(request.path, "file")
            return msgspec.json.encode(describe_file(request.path, text))
        if notebook is None:
            notebook = await self._read(request.path, "notebook")
        task: Task = await describe_live(
            dict(notebook),
            path=request.path,
            folder=self._folder(request.path),
            **self._kernel(request.kernel_id, request.kernel_replies),
        )
        return msgspec.json.encode(task)

    def questions(self, kernel_id: str) -> bytes:
        """Say what a front end is to ask a kernel, if only it can reach it.

        Raises
        ------
        RequestError
            The kernel is not one of this server's.
        """
        asked = {} if self._reaches(self._running(kernel_id)) else questions()
        return msgspec.json.encode(wire.KernelQuestions(**asked))

    async def _read(self, path: str, kind: str) -> Any:
        """Return the content of a notebook, or the text of another file."""
        contents = self._server.contents_manager
        as_text = {"format": "text"} if kind == "file" else {}
        try:
            known = await ensure_async(contents.get(path, type=kind, content=False))
            if kind == "file" and (known.get("size") or 0) > CAP:
                raise RequestError("path", f"{known['size']} bytes", f"at most {CAP}")
            model = await ensure_async(contents.get(path, type=kind, content=True, **as_text))
        except HTTPError as error:
            # The server's own words may hold absolute paths.
            why = {404: "there is no such file", 403: "it may not be read"}
            what = "it is not a notebook" if kind == "notebook" else "it is not text"
            raise NotebookError(
                f"{path}: {why.get(error.status_code, what)}",
                hint=f"give the path of a {kind} this server can open, or its content",
            ) from error
        return model["content"]

    def _folder(self, path: str) -> Path | None:
        """Return the folder of a notebook on this disk, None when it has none."""
        parts = PurePosixPath(path).parts
        root = getattr(self._server.contents_manager, "root_dir", "")
        if not path or not root or ".." in parts or PurePosixPath(path).is_absolute():
            return None
        folder = Path(to_os_path(path, root)).parent
        return folder if folder.is_dir() else None

    def _running(self, kernel_id: str) -> Any:
        kernels = self._server.kernel_manager
        if kernel_id not in kernels:
            raise RequestError("kernel_id", kernel_id, "a running kernel of this server")
        return kernels.get_kernel(kernel_id)

    def _reaches(self, kernel: Any) -> bool:
        """Whether this server has the process of a kernel, or a connection to it.

        It has neither for a kernel behind a gateway (``GatewayKernelManager`` of
        jupyter_server passes a front end's messages on, and sends none itself).
        """
        return bool(_pid(kernel) is not None or getattr(kernel, "connection_file", ""))

    def _kernel(self, kernel_id: str, replies: wire.KernelReplies | None) -> dict[str, Any]:
        """Return what `describe_live` is told of a kernel, or of where there would be one."""
        kernel = self._running(kernel_id) if kernel_id else None
        if kernel is None and replies is None:
            return {"elsewhere": self._server.gateway_config.gateway_enabled}
        if kernel is None or not self._reaches(kernel):
            return {"elsewhere": True, "kernel": _told(replies)}
        return {
            "kernel_name": kernel.kernel_name,
            "pid": _pid(kernel),
            "connection_file": getattr(kernel, "connection_file", ""),
            "busy": getattr(kernel, "execution_state", "") == "busy",
        }


def _pid(kernel: Any) -> int | None:
    # Only kernels started by this server on this host have a process here.
    return getattr(getattr(kernel, "provisioner", None), "pid", None)


def _told(replies: wire.KernelReplies | None) -> LiveKernel:
    if replies is None:
        return LiveKernel(notes=(ELSEWHERE,))
    return from_replies(replies.modules, replies.inside, busy=replies.busy)
