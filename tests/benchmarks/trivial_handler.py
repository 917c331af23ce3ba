"""The least an authenticated handler can do: a server extension to measure others against."""

import json

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from jupyter_server.utils import url_path_join
from tornado import web


class Trivial(APIHandler):
    @web.authenticated
    @authorized(action="read", resource="canidothis")
    async def post(self):
        """Read a JSON body and write a small one."""
        self.finish(json.dumps({"echo": self.get_json_body()["task"] is not None}))


def _jupyter_server_extension_points():
    return [{"module": __name__}]


def _load_jupyter_server_extension(server):
    base = server.web_app.settings["base_url"]
    server.web_app.add_handlers(".*$", [(url_path_join(base, "trivial"), Trivial)])
