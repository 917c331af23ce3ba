from __future__ import annotations

import json
import re
from importlib import resources
from pathlib import Path

import jsonschema
import openapi_spec_validator
import pytest

from jupyter_canidothis import routes, schemas
from jupyter_canidothis.schemas.generate import documents
from jupyter_canidothis.wire.documents import WIRE

PANEL = Path(__file__).parents[1] / "labextension" / "src"


@pytest.mark.parametrize("name", [schemas.SCHEMA, schemas.OPENAPI])
def test_a_published_schema_is_as_new_as_the_types(name):
    assert documents()[name] == schemas.read(name).decode(), (
        "run python -m jupyter_canidothis.schemas"
    )


def test_the_json_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(json.loads(schemas.read(schemas.SCHEMA)))


def test_the_openapi_document_is_one_and_names_every_route():
    document = json.loads(schemas.read(schemas.OPENAPI))
    openapi_spec_validator.validate(document)

    written = {path.replace("\\", "") for path, _ in routes.ROUTES} - {"accepts?"}
    assert set(document["paths"]) == {
        f"/canidothis/{p}" for p in written | {"accept", "accepts"}
    }


def test_the_schemas_travel_with_the_package():
    assert resources.files("jupyter_canidothis.schemas").joinpath(schemas.SCHEMA).is_file()


def test_the_panel_knows_the_json_of_the_server():
    (known,) = re.findall(r"WIRE = (\d+)", (PANEL / "server.ts").read_text())
    assert int(known) == WIRE
