"""An engine behind a real socket: what it serves by path, and what it was asked."""

from __future__ import annotations

import contextlib
import json
import socketserver
import tempfile
import threading
from http.server import BaseHTTPRequestHandler
from pathlib import Path

RECORDED = Path(__file__).parent.parent / "recorded"
GIB = 2**30
LAYERS = ["sha256:" + "a" * 64]


def info(kind="docker", **changes):
    """Return a recorded ``/info``, changed."""
    return json.loads((RECORDED / kind / "info.json").read_text()) | changes


def image(architecture="amd64", labels=None):
    return {
        "Id": "sha256:1",
        "RepoDigests": [],
        "Architecture": architecture,
        "Os": "linux",
        "Size": 10,
        "RootFS": {"Layers": LAYERS},
        "Config": {"Labels": labels},
    }


def table(kind="docker", *, images=None, running=(), **changes):
    """Return all that an engine serves."""
    served = {
        "/info": info(kind, **changes),
        "/containers/json": [{"Id": f"c{number}"} for number, _ in enumerate(running)],
        "/images/json": [],
        "/v4.0.0/libpod/info": json.loads(
            (RECORDED / "podman" / "libpod-info.json").read_text()
        ),
    }
    for number, limits in enumerate(running):
        served[f"/containers/c{number}/json"] = {"Name": f"/c{number}", "HostConfig": limits}
    for name, one in (images or {}).items():
        served[f"/images/{name}/json"] = one
    return served


class FakeEngine:
    """Serve a table over a unix socket; a value is JSON, bytes, or (status, value)."""

    def __init__(self, served):
        self.served = served
        self.asked = []
        self._folder = tempfile.TemporaryDirectory(prefix="fake-engine-")
        self.socket = Path(self._folder.name) / "s"
        self.hang = threading.Event()
        self.hanging = frozenset()

    @property
    def host(self):
        return f"unix://{self.socket}"

    @property
    def methods(self):
        return {method for method, _ in self.asked}

    def __enter__(self):
        engine = self

        class Handler(BaseHTTPRequestHandler):
            def address_string(self):
                return "unix"

            def log_message(self, *_):
                pass

            def _answer(self):
                path = self.path.partition("?")[0].replace("%3A", ":").replace("%40", "@")
                engine.asked.append((self.command, path))
                if path in engine.hanging:
                    engine.hang.wait(60)
                value = engine.served.get(path, (404, {"message": f"no such: {path}"}))
                status, value = value if isinstance(value, tuple) else (200, value)
                body = value if isinstance(value, bytes) else json.dumps(value).encode()
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                    self.send_response(status)
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)

            def __getattr__(self, name):
                if name.startswith("do_"):
                    return self._answer
                raise AttributeError(name)

        class Server(socketserver.ThreadingUnixStreamServer):
            daemon_threads = True

        self._server = Server(str(self.socket), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()
        return self

    def __exit__(self, *_):
        self.hang.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        self._folder.cleanup()
