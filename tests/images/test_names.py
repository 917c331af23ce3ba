import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_canidothis.errors import RequestError
from jupyter_canidothis.images.architecture import Architecture, fitting
from jupyter_canidothis.images.labels import contents
from jupyter_canidothis.images.reference import Reference

LINUX = Architecture.parse


@pytest.mark.parametrize(
    ("text", "full"),
    [
        ("ubuntu", "docker.io/library/ubuntu:latest"),
        ("ubuntu:24.04", "docker.io/library/ubuntu:24.04"),
        ("jupyter/scipy-notebook", "docker.io/jupyter/scipy-notebook:latest"),
        ("index.docker.io/a/b:1", "docker.io/a/b:1"),
        ("quay.io/jupyter/scipy-notebook:1", "quay.io/jupyter/scipy-notebook:1"),
        ("localhost/box", "localhost/box:latest"),
        ("127.0.0.1:5000/astro/box:1", "127.0.0.1:5000/astro/box:1"),
        ("a@sha256:" + "0" * 64, "docker.io/library/a@sha256:" + "0" * 64),
    ],
)
def test_a_short_name_stands_for_the_full_name_that_docker_pulls(text, full):
    assert str(Reference.parse(text)) == full
    assert Reference.parse(full) == Reference.parse(text)


@pytest.mark.parametrize(
    "text",
    ["", "UPPER", "a b", "a:", "a@", "a@sha256:12", "http://x/y", "a/../b", "x:y:z", "-rm"],
)
def test_what_is_no_image_name_is_refused_by_its_field(text):
    with pytest.raises(RequestError, match="taskinfo.image"):
        Reference.parse(text, "taskinfo.image")


@given(st.text(max_size=40))
def test_any_text_is_a_name_or_a_clear_error(text):
    try:
        name = Reference.parse(text)
    except RequestError:
        return
    assert Reference.parse(str(name)) == name


@pytest.mark.parametrize(
    ("host", "image", "runs"),
    [
        ("linux/x86_64", "linux/amd64", True),
        ("linux/aarch64", "linux/arm64/v8", True),
        ("linux/amd64", "linux/arm64", False),
        ("linux/arm64", "linux/amd64", False),
        ("linux/armv7l", "linux/arm/v6", True),
        ("linux/armv6l", "linux/arm/v7", False),
        ("linux/amd64", "linux/386", True),
        ("linux/amd64", "linux/amd64/v3", False),
        ("linux/arm64", "linux/arm/v7", True),
        ("linux/amd64", "windows/amd64", False),
    ],
)
def test_spellings_agree_and_foreign_architectures_do_not_run(host, image, runs):
    assert LINUX(host).runs(LINUX(image)) is runs


def test_of_several_the_hosts_own_architecture_is_chosen():
    built = [LINUX(text) for text in ("linux/386", "linux/arm64", "linux/amd64")]
    assert fitting(built, LINUX("linux/x86_64")) == LINUX("linux/amd64")
    assert fitting(built[1:2], LINUX("linux/x86_64")) is None


def test_a_stack_is_known_by_name_with_all_that_it_is_built_on():
    found = contents(Reference.parse("quay.io/jupyter/pytorch-notebook:2025-01-01"), {})
    assert {"torch", "scipy", "jupyterlab"} <= found.packages
    assert found.languages == {"python"}
    assert not found.complete


def test_labels_tell_what_is_inside_before_any_table():
    labels = {"canidothis.languages": "Python, R", "canidothis.packages": "Scikit_Learn numpy"}
    found = contents(Reference.parse("quay.io/jupyter/r-notebook"), labels)
    assert found.languages == {"python", "r"}
    assert found.packages == {"scikit-learn", "numpy"}
    assert found.complete


def test_nobody_knows_what_is_inside_a_stranger():
    assert contents(Reference.parse("ghcr.io/somebody/image"), {"maintainer": "x"}) is None
    assert contents(Reference.parse("quay.io/jupyter/no-such-stack"), {}) is None
