"""The published schemas: made from the types, checked in, read by everybody.

``python -m jupyter_canidothis.schemas`` writes them anew; a test fails when they
are older than the types.
"""

from __future__ import annotations

from importlib import resources
from typing import Final

__all__ = ["OPENAPI", "SCHEMA", "read"]

SCHEMA: Final = "canidothis.schema.json"
"""JSON Schema of task, answer, plan and the lines of the plan stream."""
OPENAPI: Final = "openapi.json"
"""OpenAPI 3.1 document of every route."""


def read(name: str) -> bytes:
    """Return one published schema as it lies in the package."""
    return resources.files(__name__).joinpath(name).read_bytes()
