"""A real Jupyter server with our extension and platforms that need no network."""

from __future__ import annotations

import pytest

DECLARED = [
    {
        "kind": "declared",
        "name": "hub",
        "tasktypes": ["uri://jupyter-notebook"],
        "servicetype": "uri://jupyter-hub",
        "endpoint": "http://jupyter.example.org/",
        "resources": {"maxcores": 8, "maxmemory": "12G"},
    },
    {
        "kind": "declared",
        "name": "gaia",
        "tasktypes": ["uri://kubernetes-helm"],
        "servicetype": "uri://kubernetes-helm",
        "endpoint": "https://gaia.example.org/",
        "resources": {"maxcores": 240, "maxmemory": "400G", "maxduration": "9h30m"},
    },
    {
        "kind": "declared",
        "name": "vip",
        "tasktypes": ["uri://docker-container"],
        "servicetype": "uri://docker-uws",
        "users": ["somebody-else"],
    },
    {"kind": "nosuch", "name": "wrong"},
]


@pytest.fixture
def platforms():
    """Entries of the server's configuration."""
    return DECLARED


@pytest.fixture
def jp_server_config(platforms):
    return {
        "ServerApp": {
            "jpserver_extensions": {"jupyter_canidothis": True},
            "allow_unauthenticated_access": False,
        },
        "CanIDoThis": {"platforms": platforms, "discover": False},
    }
