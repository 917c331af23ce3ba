"""A registry at the edge: what it serves by address, and what it was asked."""

from __future__ import annotations

import hashlib
import json

from jupyter_canidothis.transport import Response, Transport


class FakeTransport(Transport):
    """Answer from a table; each value is a Response, or a function of the request."""

    def __init__(self, table):
        super().__init__()
        self.table = table
        self.asked = []

    async def fetch(
        self, url, *, headers=None, credential=None, deadline=5.0, strict=False, **_
    ):
        sent = {**(headers or {}), **(credential.reveal_for(url) if credential else {})}
        assert not (strict and credential), "a strict request carries no credential"
        self.asked.append((url, sent, strict))
        answer = self.table.get(url.partition("?")[0], json_answer({"errors": []}, 404))
        if callable(answer):
            answer = answer(sent)
        if isinstance(answer, Exception):
            raise answer
        return Response(answer.status, answer.headers, answer.body, url.partition("?")[0])


def json_answer(value, status=200, **headers):
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return Response(
        status, {name.replace("_", "-"): v for name, v in headers.items()}, body, ""
    )


def digest(value):
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return "sha256:" + hashlib.sha256(body).hexdigest()


def image(root, architecture="amd64", sizes=(100, 200), labels=None, variant=""):
    """Return (table, manifest) of one image under an address such as https://h/v2/a."""
    config = {
        "architecture": architecture,
        "os": "linux",
        "variant": variant,
        "config": {"Labels": labels},
        "rootfs": {"diff_ids": [f"sha256:{n:064d}" for n, _ in enumerate(sizes)]},
    }
    manifest = {
        "schemaVersion": 2,
        "config": {"digest": digest(config), "size": 1},
        "layers": [
            {"digest": f"sha256:{n:064x}", "size": size} for n, size in enumerate(sizes)
        ],
    }
    table = {
        f"{root}/manifests/{digest(manifest)}": json_answer(manifest),
        f"{root}/blobs/{digest(config)}": json_answer(config),
    }
    return table, manifest


def index(root, *architectures):
    """Return (table, index) of an image for several architectures."""
    table, entries = {}, []
    for text in architectures:
        os, name, *variant = text.split("/")
        part, manifest = image(root, name, variant="".join(variant))
        table |= part
        platform = {"os": os, "architecture": name, "variant": "".join(variant)}
        entries.append({"digest": digest(manifest), "size": 1, "platform": platform})
    entries.append(
        {"digest": digest(b"sbom"), "platform": {"os": "unknown", "architecture": "unknown"}}
    )
    return table, {"schemaVersion": 2, "manifests": entries}
