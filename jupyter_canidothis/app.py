"""The server extension: registers the routes, and reads nothing before the first request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_server.utils import url_path_join

from .routes import ROUTES, Opener

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp


def _load_jupyter_server_extension(server: ServerApp) -> None:
    """Register the routes; called by the server."""
    opener = Opener(server)
    base = server.web_app.settings["base_url"]
    server.web_app.add_handlers(
        ".*$",
        [
            (url_path_join(base, "canidothis", path), handler, {"opener": opener})
            for path, handler in ROUTES
        ],
    )
