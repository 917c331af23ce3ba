"""Ask a kernel by message, on a connection of our own, within a deadline.

Two questions only. The debugger's ``modules`` goes to the control channel: it
is answered while a cell runs and is among the messages that no server takes
for activity (``untracked_message_types``). A silent ``execute_request`` of
nothing, with one user expression, goes to the shell of an *idle* kernel: it
leaves the execution count, the history, ``_`` and the display alone (Jupyter
messaging specification, "Execute"). ``usage_request`` and subshells are never
used: they turn a busy kernel's status to idle. Variables are never inspected:
that runs their ``repr``, and kills some kernels.
"""

from __future__ import annotations

import ast
import functools
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from importlib import resources
from typing import Any, Final

import msgspec

__all__ = ["ask_inside", "ask_modules", "questions", "read_inside", "read_modules"]

DEADLINE: Final = 2.0
"""Seconds that a kernel may take to answer one question."""
_RUN: Final = (
    "(lambda space: (__import__('builtins').exec({code!r}, space),"
    " __import__('json').dumps(space['look'](globals()))))({{'__name__': 'canidothis'}})[1]"
)


async def ask_modules(
    connection_file: str, deadline: float = DEADLINE
) -> dict[str, str] | None:
    """Ask which modules are loaded, with the file of each; None when it does not answer."""
    content = questions()["modules"]
    async with _client(connection_file, "control") as client:
        if client is None:
            return None
        reply = await _ask(client, client.control_channel, "debug_request", content, deadline)
    return read_modules(reply)


def read_modules(reply: Mapping[str, Any] | None) -> dict[str, str] | None:
    """Read loaded modules with their files from a ``debug_reply``."""
    try:
        listed = reply["body"]["modules"] if reply else ()
        return {str(one["name"]): str(one["path"]) for one in listed} or None
    except (KeyError, TypeError):
        return None


async def ask_inside(connection_file: str, deadline: float = DEADLINE) -> dict[str, Any] | None:
    """Run `inside.look` in an idle Python kernel; None when it does not answer."""
    content = questions()["inside"]
    async with _client(connection_file, "shell") as client:
        if client is None:
            return None
        reply = await _ask(client, client.shell_channel, "execute_request", content, deadline)
    return read_inside(reply)


def read_inside(reply: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Read what `inside.look` found from an ``execute_reply``."""
    try:
        shown = reply["user_expressions"]["found"]["data"]["text/plain"] if reply else ""
        found = msgspec.json.decode(ast.literal_eval(shown))
    except (KeyError, TypeError, ValueError, SyntaxError, MemoryError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


@functools.cache
def questions() -> dict[str, dict[str, Any]]:
    """Return what is sent to a Python kernel, also by a front end that alone reaches it.

    Returns
    -------
    dict
        ``modules``: content of a ``debug_request`` for the control channel;
        ``inside``: content of an ``execute_request`` for an idle shell, whose one
        expression binds no name there.
    """
    code = (resources.files(__package__) / "inside.py").read_text(encoding="utf-8")
    return {
        "modules": {"type": "request", "seq": 1, "command": "modules", "arguments": {}},
        "inside": {
            "code": "",
            "silent": True,
            "store_history": False,
            "user_expressions": {"found": _RUN.format(code=code)},
            "allow_stdin": False,
            "stop_on_error": False,
        },
    }


@asynccontextmanager
async def _client(connection_file: str, channel: str) -> AsyncIterator[Any]:
    """Connect only the channel that is needed; yield None when the file is no connection."""
    import zmq.asyncio
    from jupyter_client.asynchronous.client import AsyncKernelClient

    context = zmq.asyncio.Context()
    client = AsyncKernelClient(context=context)
    try:
        try:
            client.load_connection_file(connection_file)
        except (OSError, ValueError, KeyError):
            yield None
            return
        off = dict.fromkeys(("shell", "iopub", "stdin", "hb", "control"), False)
        client.start_channels(**{**off, channel: True})
        yield client
    finally:
        client.stop_channels()
        context.destroy(linger=0)


async def _ask(
    client: Any, channel: Any, kind: str, content: dict[str, Any], deadline: float
) -> dict[str, Any] | None:
    from queue import Empty

    message = client.session.msg(kind, content)
    channel.send(message)
    end = time.monotonic() + deadline
    while (left := end - time.monotonic()) > 0:
        try:
            reply = await channel.get_msg(timeout=left)
        except (Empty, ValueError):
            continue
        if reply["parent_header"].get("msg_id") == message["header"]["msg_id"]:
            answer: dict[str, Any] = reply["content"]
            return answer
    return None
