import pytest

from jupyter_canidothis.notebook.describe import describe
from jupyter_canidothis.resources import Range
from jupyter_canidothis.units import GIB

EXECUTION = """
executable: {kind: x, location: y}
compute:
  cores: {min: 4, max: 8}
  memory: {min: 16}
schedule: {requested: {duration: PT2H}}
data:
  - {kind: a, meta: {name: the catalogue}, location: "https://x.org/cat.fits"}
  - {kind: abstract, meta: {name: the images}}
"""


def test_what_the_author_asks_for_in_the_metadata_wins(book):
    asked = {
        "cores": "4:8",
        "memory": "16G",
        "duration": "2h",
        "gpus": 1,
        "disk": {"max": "9G"},
    }
    task = describe(
        book("x", canidothis={"resources": asked, "software": ["rich>=13"], "data": ["a.fits"]})
    )
    assert task.resources.cores == Range(4000, 8000)
    assert task.resources.memory == Range(16 * GIB)
    assert task.resources.duration == Range(7200)
    assert task.resources.gpus == Range(1)
    assert task.resources.disk == Range(None, 9 * GIB)
    assert [(s.name, s.version, s.status) for s in task.software] == [
        ("rich", ">=13", "declared")
    ]
    assert task.data[0].location == "a.fits"
    (evidence,) = task.evidence["resources.memory"]
    assert (evidence.how, evidence.text) == ("declared", "the author asks for at least 16 GiB")


def test_an_execution_request_beside_the_notebook_is_read(book, tmp_path):
    (tmp_path / "ivoa-execution.yaml").write_text(EXECUTION)
    task = describe(book("x"), folder=tmp_path)
    assert task.resources.cores == Range(4000, 8000)
    assert task.resources.memory == Range(16 * GIB)
    assert task.resources.duration == Range(7200)
    assert [one.location for one in task.data] == ["https://x.org/cat.fits"]
    assert task.notes == ("ivoa-execution.yaml leaves open where the images comes from",)


def test_the_metadata_win_over_the_file(book, tmp_path):
    (tmp_path / "ivoa-execution.yaml").write_text(EXECUTION)
    wish = {"resources": {"memory": "2G"}}
    task = describe(book("x", canidothis=wish), folder=tmp_path)
    assert task.resources.memory == Range(2 * GIB)


@pytest.mark.parametrize(
    ("wish", "note"),
    [
        (
            {"resources": {"memory": "much"}},
            "canidothis.resources.memory: 'much' is not accepted",
        ),
        ({"resources": {"memory": {"min": "9G", "max": "1G"}}}, "canidothis.resources.memory"),
        (
            {"resources": {"speed": 3}},
            "canidothis.resources.speed is not known; known are cores",
        ),
        ({"resources": {"cores": True}}, "canidothis.resources.cores: True is not accepted"),
    ],
)
def test_a_wish_that_cannot_be_read_is_a_note_that_names_it(book, wish, note):
    task = describe(book("x", canidothis=wish))
    assert note in task.notes[0]


@pytest.mark.parametrize(
    "text", ["[", "compute: {cores: {min: lots}}", "compute: 3", "&a [*a]"]
)
def test_a_broken_file_is_a_note_or_nothing(book, tmp_path, text):
    (tmp_path / "ivoa-execution.yaml").write_text(text)
    assert describe(book("x"), folder=tmp_path).resources.cores == Range(1000)


def test_less_than_was_seen_is_said(book):
    from jupyter_canidothis.notebook.kernel import LiveKernel
    from jupyter_canidothis.notebook.process import Process

    process = Process(1, 9 * GIB, 9 * GIB, 1, 1, 0.0, 0.0, 0.0)
    wish = {"resources": {"memory": "1G:2G"}}
    task = describe(book("x", canidothis=wish), kernel=LiveKernel(process=process))
    assert task.resources.memory == Range(GIB, 2 * GIB)
    assert "the author asks for less than was seen: holds 9 GiB now" in task.notes[0]
