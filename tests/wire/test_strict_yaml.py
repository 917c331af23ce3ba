"""Foreign YAML: bombs are refused in milliseconds, honest files are read."""

import itertools
import time

import pytest

from jupyter_canidothis.errors import RequestError
from jupyter_canidothis.wire import strict_yaml

SOON = 0.5
"""Seconds of CPU; each of these is refused in one or two milliseconds."""


def levels(count, line):
    """Each level refers to the one before it."""
    names = [f"l{n}" for n in range(count)]
    lines = [f"{names[0]}: &{names[0]} {{a: 1}}"]
    lines += [line.format(new=new, old=old) for old, new in itertools.pairwise(names)]
    return "\n".join(lines)


BOMBS = {
    "merge bomb": levels(9, "{new}: &{new} {{<<: [*{old}, *{old}, *{old}, *{old}, *{old}]}}"),
    "many laughs": levels(
        9, "{new}: &{new} [*{old},*{old},*{old},*{old},*{old},*{old},*{old}]"
    ),
    "few aliases that double": levels(25, "{new}: &{new} [*{old}, *{old}]"),
    "brackets": "[" * 100_000,
    "braces": "{a: " * 30_000,
    "dashes": "- " * 60_000,
    "deep block": "".join(" " * n + "a:\n" for n in range(300)),
    "aliases": "a: &a 1\nb: [" + "*a, " * 60 + "]",
    "large": "# x\n" * 100_000,
    "question marks": "? " * 60_000,
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_soon(name):
    started = time.process_time()
    with pytest.raises(RequestError) as caught:
        strict_yaml.load(BOMBS[name])
    assert time.process_time() - started < SOON
    assert len(caught.value.message) < 300


def test_more_nodes_than_the_bound_are_refused():
    strict_yaml.load("[" + "1," * (strict_yaml.NODES - 1) + "]")
    with pytest.raises(RequestError, match="at most 10000 nodes"):
        strict_yaml.load("[" + "1," * strict_yaml.NODES + "]")


def test_a_bomb_of_483_bytes_stays_small():
    bomb = "a: &a {x: 1}\n" + "".join(
        f"{new}: &{new} {{<<: [{', '.join([f'*{old}'] * 8)}]}}\n"
        for old, new in zip("abcdefgh", "bcdefghi", strict=True)
    )
    assert len(bomb) <= 483
    with pytest.raises(RequestError, match=r"nodes, aliases written out|at most 50 aliases"):
        strict_yaml.load(bomb)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a: 1\nb: 2\na: 3", "body, line 3, column 1"),
        ("a: [1, 2", "body, line 1, column 9"),
        ("a:\n\t- 1", "body, line 2, column 1"),
        ("a: !!python/object/apply:os.system [x]", "body, line 1, column 4"),
        ("a: !!int 3", "body, line 1, column 4"),
        ("a: .nan", "body, line 1, column 4"),
        ("a: -.inf", "body, line 1, column 4"),
        ("a: 1.0e+999", "body, line 1, column 4"),
        ("&a [*a]", "body, line 1, column 5"),
        ("a: *b", "body, line 1, column 4"),
        ("a: 1\n---\nb: 2", "body, line 2, column 1"),
        ("? [1, 2]\n: 3", "body, line 1, column 3"),
        ("a: &x 1\nb: {<<: *x}", "body, line 2, column 5"),
        ("a: \x00", "body"),
    ],
)
def test_what_is_refused_is_named_by_line_and_column(text, place):
    with pytest.raises(RequestError) as caught:
        strict_yaml.load(text)
    assert caught.value.field == place


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("# only a comment", None),
        ("a:", {"a": None}),
        ("{a:, b: 8G}", {"a": None, "b": "8G"}),
        (
            "[no, off, 12:30:45, 017, 0o17, 1e3, 1_0, 0b1]",
            ["no", "off", "12:30:45", "017", "0o17", "1e3", "1_0", "0b1"],
        ),
        (
            "[true, False, ~, null, '1', \"2\", !!str 3]",
            [True, False, None, None, "1", "2", "3"],
        ),
        ("8080: x\nyes: y\nnull: z", {"8080": "x", "yes": "y", "null": "z"}),
        (
            "a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3}",
            {"a": {"x": 1, "y": 2}, "b": {"x": 1, "y": 3}},
        ),
        (
            "a: &a {x: 1}\nb: &b {x: 2}\nc: {<<: [*a, *b]}",
            {"a": {"x": 1}, "b": {"x": 2}, "c": {"x": 1}},
        ),
        ("'<<': {a: 1}", {"<<": {"a": 1}}),
        ("a: |\n  one\n  two\n", {"a": "one\ntwo\n"}),
        ("9" * 100, "9" * 100),
    ],
)
def test_honest_yaml_is_read(text, value):
    assert strict_yaml.load(text) == value


def test_a_compose_file_with_anchors_is_read():
    text = (
        "x-common: &common\n  restart: always\n  environment: {A: '1'}\nservices:\n"
        + "".join(
            f"  s{n}:\n    <<: *common\n    image: example/s{n}:1.0\n    ports: ['{n}:{n}']\n"
            for n in range(10)
        )
    )
    services = strict_yaml.load(text)["services"]
    assert services["s7"] == {
        "restart": "always",
        "environment": {"A": "1"},
        "image": "example/s7:1.0",
        "ports": ["7:7"],
    }


def test_the_error_names_the_document_that_was_read():
    with pytest.raises(RequestError, match=r"^cell body, line 1"):
        strict_yaml.load("[", "cell body")


def test_all_documents_are_read_and_empty_ones_left_out():
    text = "a: 1\n---\n# nothing\n---\n- b\n---\n"
    assert strict_yaml.load_all(text) == [{"a": 1}, ["b"]]
    assert strict_yaml.load_all("") == []


def test_documents_share_their_bounds_and_no_anchors():
    with pytest.raises(RequestError, match="at most 5 nodes"):
        strict_yaml.load_all("[1, 2]\n---\n[3, 4]\n", nodes=5)
    with pytest.raises(RequestError, match="at most 4"):
        strict_yaml.load_all("[1, 2]", size=4)
    with pytest.raises(RequestError, match="anchor"):
        strict_yaml.load_all("a: &x 1\n---\nb: *x\n")
