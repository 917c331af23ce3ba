from __future__ import annotations

import pytest
from scripted import GIB, notebook_task

from jupyter_canidothis.errors import RequestError
from jupyter_canidothis.overrides import override
from jupyter_canidothis.resources import Gpu, Range


def test_what_a_person_says_replaces_the_description_and_is_its_evidence():
    task = override(notebook_task(GIB), {"memory": "4G:8G"}, "--memory")

    assert task.resources.memory == Range(4 * GIB, 8 * GIB)
    assert task.evidence["resources.memory"][0].source == "--memory"


def test_what_nobody_says_stays_as_described():
    task = notebook_task(GIB)

    assert override(task, {"memory": None}, "--memory") == task


def test_mappings_give_both_ends_and_gpus_in_full():
    wanted = {
        "cores": {"min": 2, "max": "4"},
        "gpu": {"vendor": "nvidia", "memory": "40G"},
        "image": "docker.io/example:1.0",
    }
    task = override(notebook_task(), wanted, "cell")

    assert task.resources.cores == Range(2000, 4000)
    assert task.resources.gpu == Gpu(vendor="nvidia", memory=40 * GIB)
    assert task.executable.image == "docker.io/example:1.0"


@pytest.mark.parametrize(
    ("wanted", "named"),
    [
        ({"memory": "lots"}, "memory"),
        ({"memory": {"least": 1}}, r"memory\.least"),
        ({"memory": {"min": "8G", "max": "4G"}}, r"resources\.memory"),
        ({"ram": "8G"}, "ram"),
        ({"gpu": 3}, "gpu"),
        ({"gpu": {"model": 3}}, r"gpu\.model"),
        ({"cores": True}, "cores"),
    ],
)
def test_a_wrong_override_names_its_key(wanted, named):
    with pytest.raises(RequestError, match=f"^{named}: "):
        override(notebook_task(), wanted, "cell")
