import pytest

from jupyter_canidothis.compose.files import Source
from jupyter_canidothis.compose.interpolation import interpolate
from jupyter_canidothis.compose.services import read
from jupyter_canidothis.errors import RequestError

GIB = 2**30


def services(text, **options):
    return {one.name: one for one in read(Source(text, **options)).services}


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("$A-${A}", "1-1"),
        ("${NO:-x}${NO-y}${EMPTY:-z}${EMPTY-w}", "xyz"),
        ("${A:+set}${NO:+unset}${EMPTY+there}", "setthere"),
        ("$$A ${A:?must}", "$A 1"),
        ("${NO:-${A}-${NO:-deep}}", "1-deep"),
        ("$NO", ""),
    ],
)
def test_variables_are_replaced_as_compose_does(text, made):
    assert interpolate(text, {"A": "1", "EMPTY": ""}, "f") == made
    assert interpolate({"k": [text]}, {"A": "1", "EMPTY": ""}, "f") == {"k": [made]}


@pytest.mark.parametrize(
    "text", ["${", "${}", "$1", "${A!x}", "${NO:?it has to be set}", "${NO?}"]
)
def test_what_is_no_substitution_is_named(text):
    with pytest.raises(RequestError, match=r"services\.web"):
        interpolate({"image": text}, {"A": "1"}, "services.web")


def test_the_environment_of_this_process_is_never_read(monkeypatch):
    monkeypatch.setenv("SECRET", "hush")
    assert services("services: {a: {image: 'x:${SECRET}1'}}")["a"].image == "x:1"


def test_amounts_are_read_from_every_place_there_is():
    found = services(
        """
services:
  new:
    image: a
    deploy:
      replicas: 3
      resources:
        limits: {cpus: "2.5", memory: 4gb}
        reservations:
          cpus: "0.5"
          memory: 512m
          devices: [{driver: nvidia, count: 2, capabilities: [gpu]}]
  old: {image: b, cpus: 0.5, mem_limit: 1g, mem_reservation: 100kb, scale: 2, platform: linux/arm64}
  all: {image: c, gpus: all, cpuset: 0-3}
  one: {image: d, runtime: nvidia, devices: ["/dev/nvidia0:/dev/nvidia0", "/dev/fuse"]}
  src: {build: .}
"""
    )
    new, old = found["new"], found["old"]
    assert (new.replicas, new.cores_limit, new.cores, new.memory_limit) == (
        3,
        2500,
        500,
        4 * GIB,
    )
    assert (new.memory, new.gpus) == (512 * 2**20, 2)
    assert (old.replicas, old.cores, old.memory, old.platform) == (
        2,
        500,
        102400,
        "linux/arm64",
    )
    assert (found["all"].gpus, found["all"].last_core) == (1, 3)
    assert found["one"].devices == ("/dev/nvidia0", "/dev/fuse")
    assert found["one"].gpus == 1
    assert found["src"].built


def test_a_service_extends_another_of_the_same_file():
    text = """
services:
  base: {image: a, mem_limit: 1g, cpus: 1, devices: [/dev/a], command: [x], profiles: [never]}
  mid: {extends: base, cpus: 2}
  top: {extends: {service: mid}, devices: [/dev/b], mem_limit: 2g, command: [y]}
"""
    found = services(text)
    assert set(found) == {"mid", "top"}
    assert (found["top"].image, found["top"].cores, found["top"].memory) == ("a", 2000, 2 * GIB)
    assert found["top"].devices == ("/dev/a", "/dev/b")


def test_files_beside_a_local_one_are_read(tmp_path):
    (tmp_path / ".env").write_text("# x\nTAG='7'\nexport COMPOSE_PROFILES=gpu,x\n")
    (tmp_path / "more.yml").write_text("services: {db: {image: db}}")
    (tmp_path / "base.yml").write_text("services: {b: {image: 'b:${TAG}', mem_limit: 1g}}")
    path = tmp_path / "compose.yml"
    path.write_text(
        "include: [more.yml]\nservices:\n  a: {extends: {file: base.yml, service: b}}\n"
        "  g: {image: g, profiles: [gpu]}\n  h: {image: h, profiles: [other]}\n"
    )
    application = read(Source.at(path))
    assert {one.name: one.image for one in application.services} == {
        "db": "db",
        "a": "b:7",
        "g": "g",
    }
    assert application.idle == ("h",)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("include: ['https://evil.example.org/c.yml']\nservices: {a: {image: x}}", r"include\[0\].*nothing remote"),
        ("include: [oci://evil/x]\nservices: {a: {image: x}}", "nothing remote"),
        ("include: [more.yml]\nservices: {a: {image: x}}", "stands alone"),
        ("services: {a: {image: x, extends: {file: b.yml, service: b}}}", r"services\.a\.extends\.file"),
        ("services: {a: {extends: b}, b: {extends: a}}", r"services\.\w\.extends"),
        ("services: {a: {extends: c}}", "extends"),
        ("services: {a: {image: x, mem_limit: lots}}", r"services\.a\.mem_limit"),
        ("services: {a: {image: x, cpus: many}}", r"services\.a\.cpus"),
        ("services: {a: {image: x, deploy: {resources: {limits: {memory: -1}}}}}", r"limits\.memory"),
        ("services: {a: {image: x, deploy: [1]}}", r"services\.a\.deploy"),
        ("services: {a: {image: x, gpus: 3}}", r"services\.a\.gpus"),
        ("services: {a: {image: x, cpuset: abc}}", r"services\.a\.cpuset"),
        ("services: {a: {image: x, devices: [{}]}}", r"services\.a\.devices"),
        ("services: {a: {command: x}}", r"services\.a\.image"),
        ("services: {a: [1]}", r"services\.a"),
        ("services: [a]", "services"),
        ("{}", "at least one enabled service"),
        ("services: {a: {image: x, profiles: [p]}}", "at least one enabled service"),
        ("services: {a: !reset {image: x}}", "without tags"),
        ("a: &a [x]\nb: &b [" + "*a," * 60 + "]\nservices: {}", "aliases"),
        ("[" * 100, "brackets|nesting|levels"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_by_service_and_key(text, named):
    with pytest.raises(RequestError, match=named):
        read(Source(text))


def test_no_file_outside_the_folder_is_read(tmp_path):
    (tmp_path / "secret.yml").write_text("services: {s: {image: s}}")
    inside = tmp_path / "in"
    inside.mkdir()
    (inside / "link.yml").symlink_to(tmp_path / "secret.yml")
    for name in ("../secret.yml", "/etc/passwd", "link.yml"):
        path = inside / "compose.yml"
        path.write_text(f"services: {{a: {{extends: {{file: {name}, service: s}}}}}}")
        with pytest.raises(RequestError, match="in the folder"):
            read(Source.at(path))
