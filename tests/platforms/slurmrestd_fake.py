"""slurmrestd, answering with what real ones of two versions answered."""

import base64
import json

from slurm_fake import RECORDED

from jupyter_canidothis.platforms.base import Edges
from jupyter_canidothis.platforms.slurm import Slurm
from jupyter_canidothis.transport import Response

URL = "https://rest.example.org"
ERRORS = json.loads((RECORDED / "rest-errors.json").read_text())
MOMENTS = {"22.05": 1795386226, "24.11": 1795386956}
"""When they were recorded, by the controllers' own clocks (``diag``)."""


def body(version, name):
    return (RECORDED / f"rest-{version}" / f"{name}.json").read_text()


def token(**claims):
    """A JSON Web Token in form; nobody looks at its signature here."""
    parts = ({"alg": "HS256"}, claims, {})
    return ".".join(
        base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")
        for part in parts
    )


class FakeSlurmrestd:
    """Stands for `Transport`; refuses everything that is not a GET.

    Parameters
    ----------
    version
        Of Slurm, of which recordings exist.
    replaced
        Status and body by the last part of a path.
    """

    def __init__(self, version, **replaced):
        self.version, self.replaced = version, replaced
        self.asked, self.headers = [], []

    async def fetch(
        self, url, *, method="GET", body=None, headers=None, credential=None, deadline=5.0,
        large=False, strict=False,
    ):  # fmt: skip
        assert (method, body) == ("GET", None), "nothing is ever posted"
        assert url.startswith(URL)
        self.asked.append(url)
        self.headers.append(
            {**headers, **(credential.reveal_for(url) if credential is not None else {})}
        )
        name = url.rpartition("/")[2].replace("v3", "openapi")
        status, text = self.replaced.get(name, (200, None))
        text = globals()["body"](self.version, name) if text is None else text
        text = text if isinstance(text, str) else json.dumps(text)
        return Response(status, {}, text.encode(), url)


def error(name):
    return ERRORS[name]["status"], ERRORS[name]["body"]


def restful(version="24.11", replaced=None, clock=None, **keys):
    """A platform that reads a fake slurmrestd."""
    fake = FakeSlurmrestd(version, **(replaced or {}))
    edges = Edges(http=fake, command=None, clock=lambda: clock or MOMENTS[version])
    return Slurm.configure({"kind": "slurm", "url": URL, **keys}, edges)
