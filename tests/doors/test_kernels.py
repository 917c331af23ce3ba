"""The kernels of this machine are those that the very server would start."""

import json

import pytest


@pytest.fixture
def platforms():
    """This machine alone."""
    return [{"kind": "local", "name": "here"}]


async def verdict(jp_fetch, kernel):
    task = {"executable": {"type": "uri://jupyter-notebook", "kernel": kernel}}
    reply = await jp_fetch("canidothis", "plan", method="POST", body=json.dumps({"task": task}))
    lines = [json.loads(line) for line in reply.body.decode().splitlines()]
    (answer,) = [line["answer"] for line in lines if line["type"] == "answer"]
    return answer["verdict"], answer.get("reasons", [])


def conda():
    """What a kernel spec manager finds that looks elsewhere than Jupyter's own."""
    return {"conda-env-sky-py": {"spec": {"language": "python", "argv": ["python"]}}}


async def test_a_server_with_a_spec_manager_of_its_own_is_asked_for_its_kernels(
    jp_fetch, jp_serverapp, monkeypatch
):
    monkeypatch.setattr(jp_serverapp.kernel_spec_manager, "get_all_specs", conda)

    assert await verdict(jp_fetch, "conda-env-sky-py") == ("YES", [])
    said, reasons = await verdict(jp_fetch, "gone")
    assert said == "NO"
    assert reasons[0]["limit"] == "conda-env-sky-py (python)"


async def test_behind_a_gateway_this_machine_has_the_kernels_of_this_machine(
    jp_fetch, jp_serverapp, monkeypatch
):
    monkeypatch.setattr(jp_serverapp.kernel_spec_manager, "get_all_specs", conda)
    monkeypatch.setattr(type(jp_serverapp.gateway_config), "gateway_enabled", property(bool))

    assert (await verdict(jp_fetch, "conda-env-sky-py"))[0] == "NO"
