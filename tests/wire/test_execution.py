"""``ivoa-execution.yaml`` is read and written without losing anything."""

import msgspec
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from jupyter_canidothis.errors import RequestError
from jupyter_canidothis.resources import DIMENSIONS, Gpu, Range, Resources
from jupyter_canidothis.task import TASK_TYPES, Data, Executable, Software, Task
from jupyter_canidothis.units import GIB
from jupyter_canidothis.wire.execution import read_execution, write_execution

KINDS = "https://www.purl.org/ivoa.net/Calycopis-openapi/schema/v1.0/kinds"
BROKER = f"""
executable:
  kind: {KINDS}/executable/jupyter-notebook.yaml
  meta: {{name: heliophorus}}
  location: https://example.org/a.ipynb
compute:
  kind: {KINDS}/compute/simple-compute-resource.yaml
  cores: {{min: 4, max: 8}}
  memory: {{min: 16}}
storage:
  - kind: {KINDS}/storage/simple-storage-resource.yaml
    size: {{min: 20}}
data:
  - {{kind: {KINDS}/data/simple-data-resource.yaml, location: "https://example.org/cat.fits"}}
  - {{kind: {KINDS}/data/abstract-data-resource.yaml, meta: {{name: the images}}}}
schedule: {{requested: {{duration: PT2H30M, start: 2026-11-22T09:00:00Z/PT2H}}}}
"""


def test_a_request_of_the_broker_is_read():
    task, notes = read_execution(BROKER)

    assert task.executable == Executable(
        "uri://jupyter-notebook", location="https://example.org/a.ipynb"
    )
    assert task.name == "heliophorus"
    assert task.resources == Resources(
        cores=Range(4000, 8000),
        memory=Range(16 * GIB),
        duration=Range(9000),
        disk=Range(20 * GIB),
    )
    assert task.data == (Data("https://example.org/cat.fits"),)
    assert notes == ("ivoa-execution.yaml leaves open where the images comes from",)


def test_an_older_generation_with_its_kinds_and_numbers_in_the_command_is_read():
    text = """
    executable:
      kind: https://www.purl.org/ivoa.org/EB/schema/v1.0/types/executable/docker-container-1.0
      image: {locations: ["ghcr.io/example/app:1"]}
      command: [10, 0]
    compute: {cores: {requested: {min: 2}}}
    """
    task, _ = read_execution(text)

    assert task.executable == Executable(
        "uri://docker-container", image="ghcr.io/example/app:1", command=("10", "0")
    )
    assert task.resources.cores == Range(2000)


def test_what_is_written_is_a_request_of_the_broker():
    task = Task(
        Executable("uri://docker-container", image="example.org/app:1", command=("run",)),
        Resources(cores=Range(4000), memory=Range(GIB * 3 // 2), duration=Range(34200, 36000)),
        software=(Software("numpy", "==1.26.4"),),
        data=(Data("https://example.org/cat.fits", size=10),),
    )
    request = yaml.safe_load(write_execution(task))

    assert request["executable"] == {
        "kind": f"{KINDS}/executable/docker-container.yaml",
        "image": {"locations": ["example.org/app:1"]},
        "command": ["run"],
    }
    assert request["compute"] == {
        "kind": f"{KINDS}/compute/simple-compute-resource.yaml",
        "cores": {"min": 4},
        "memory": {"min": 2},
    }
    assert request["schedule"] == {"requested": {"duration": "PT9H30M"}}
    assert request["canidothis"]["resources"] == {"minmemory": "1536M", "maxduration": "10h"}
    assert request["canidothis"]["software"] == [{"name": "numpy", "version": "==1.26.4"}]


words = st.text("abcdefgh-", min_size=1, max_size=8)
ranges = st.tuples(st.none() | st.integers(0, 2**40), st.none() | st.integers(0, 2**40)).map(
    lambda ends: Range(*ends if None in ends else sorted(ends))
)
resources = st.builds(
    Resources,
    **dict.fromkeys(DIMENSIONS, ranges),
    gpu=st.none() | st.builds(Gpu, model=words, memory=st.none() | st.integers(1, 2**40)),
)
tasks = st.builds(
    Task,
    st.one_of(
        st.builds(
            Executable,
            st.sampled_from(["uri://docker-container", "uri://jupyter-notebook"]),
            image=st.just("") | words,
            command=st.lists(words, max_size=3).map(tuple),
            kernel=st.just("") | words,
            languages=st.lists(words, max_size=2, unique=True).map(tuple),
        ),
        st.builds(
            Executable,
            st.sampled_from(sorted(TASK_TYPES)),
            location=st.just("") | words,
            content=st.just("") | words,
        ),
    ),
    resources,
    software=st.lists(st.builds(Software, words, words), max_size=2).map(tuple),
    data=st.lists(
        st.builds(Data, words, st.none() | st.integers(0, 2**40)),
        max_size=2,
        unique_by=lambda one: one.location,
    ).map(tuple),
    name=st.just("") | words,
)


@given(tasks)
def test_what_is_written_is_read_back_whole(task):
    assert read_execution(write_execution(task)).task == task


def test_a_person_who_edits_the_whole_number_is_heard():
    asked = Task(Executable("uri://jupyter-notebook"), Resources(memory=Range(GIB * 3 // 2)))
    edited = write_execution(asked).replace("min: 2", "min: 4")

    assert read_execution(edited).task.resources.memory == Range(4 * GIB)


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("compute: {memory: {min: lots}}", "compute.memory.min"),
        ("compute: {cores: {min: -1}}", "compute.cores.min"),
        ("compute: {cores: {min: 8, max: 4}}", "resources.cores"),
        ("schedule: {requested: {duration: soon}}", "schedule.requested.duration"),
        ("canidothis: {resources: {mingpus: many}}", "resources.mingpus"),
        ("compute: {memory: {min: 99999999999999999}}", "compute.memory"),
        ("- a list", "ivoa-execution.yaml"),
        ("a: [", "ivoa-execution.yaml"),
    ],
)
def test_what_cannot_be_read_is_named(text, field):
    with pytest.raises(RequestError) as caught:
        read_execution(text)

    assert caught.value.field.startswith(field)


def test_a_kind_that_nobody_knows_is_a_task_type_that_nobody_runs():
    task, _ = read_execution("executable: {kind: 'https://example.org/quantum.yaml'}")

    assert task.executable == Executable("https://example.org/quantum.yaml")


def test_an_empty_file_is_a_notebook_that_asks_for_nothing():
    assert read_execution("").task == Task(Executable("uri://jupyter-notebook"))
    assert msgspec.json.encode(read_execution("").notes) == b"[]"
