"""Limits written down by an administrator, and the messages of the 2021 note."""

import random
import time
from datetime import datetime, timezone

import msgspec
import pytest
from contract import PlatformContract, check

from jupyter_canidothis.answer import Verdict
from jupyter_canidothis.errors import ConfigurationError
from jupyter_canidothis.platforms.base import Ask, Edges
from jupyter_canidothis.platforms.declared import Declared
from jupyter_canidothis.resources import Gpu, Range, Resources
from jupyter_canidothis.task import TASK_TYPES, Executable, Task
from jupyter_canidothis.units import GIB

SUNDAY = datetime(2026, 11, 22, 12, tzinfo=timezone.utc).timestamp()
HOUR = 3600


def declared(clock=SUNDAY, **entry):
    entry = {"kind": "declared", "servicetype": "uri://service", **entry}
    entry.setdefault("tasktypes", ["uri://jupyter-notebook"])
    return Declared.configure(entry, Edges(clock=lambda: clock))


def task(kind="jupyter-notebook", resources=None, **executable):
    return Task(
        executable=Executable(type=f"uri://{kind}", **executable),
        resources=resources or Resources(),
    )


async def ask(platform, wanted):
    snapshot = await platform.snapshot(Ask())
    return check(await platform.ask(wanted, snapshot, Ask()), platform)


class TestContract(PlatformContract):
    @pytest.fixture
    def platform(self):
        return declared(
            resources={"maxcores": 12, "maxmemory": "12G", "minduration": "1m"},
            hours="Mon-Fri 08:00-18:00",
        )

    @pytest.fixture
    def accepted(self):
        return task(resources=Resources(cores=Range(8000), memory=Range(8 * GIB, 16 * GIB)))

    @pytest.fixture
    def refused(self):
        return task(
            resources=Resources(
                cores=Range(16000), memory=Range(16 * GIB), duration=Range(None, 30)
            )
        )


# The messages of the Execution Planner note (IVOA, 2021), in the order of its sections.


async def test_a_type_alone_asks_whether_any_such_task_runs():
    hub = declared(servicetype="uri://jupyter-hub", endpoint="http://jupyter.example.org/")
    answer = await ask(hub, task())
    (offer,) = answer.offers
    assert offer.service_type == "uri://jupyter-hub"
    assert offer.service_info == {"endpoint": "http://jupyter.example.org/"}
    assert offer.resources == Resources()
    assert (await ask(hub, task("docker-container"))).verdict is Verdict.NO


async def test_the_languages_of_a_platform_are_shown():
    zeppelin = declared(
        tasktypes=["uri://zeppelin-notebook"],
        endpoint="http://zeppelin.example.org/",
        languages=["md", "python", "pyspark"],
    )
    wanted = task("zeppelin-notebook", languages=("md", "python", "pyspark"))
    (offer,) = (await ask(zeppelin, wanted)).offers
    assert offer.service_info == {
        "endpoint": "http://zeppelin.example.org/",
        "languages": ["md", "python", "pyspark"],
    }


async def test_a_language_that_is_not_there_is_missing_software():
    answer = await ask(declared(languages=["python"]), task(languages=("python", "scala")))
    assert [(reason.code, reason.asked) for reason in answer.reasons] == [
        ("software-missing", "scala")
    ]


async def test_each_interface_is_an_offer_in_the_order_written_down():
    docker = Declared.configure(
        {
            "kind": "declared",
            "tasktypes": ["uri://docker-container"],
            "resources": {"maxcores": 8},
            "interfaces": [
                {
                    "servicetype": "uri://portainer-service",
                    "endpoint": "http://one.example.org",
                },
                {
                    "servicetype": "uri://compose-uws",
                    "name": "compose",
                    "resources": {"maxcores": 2},
                },
                {"servicetype": "uri://docker-uws", "serviceinfo": {"queue": "short"}},
            ],
        }
    )
    answer = await ask(docker, task("docker-container"))
    assert [offer.service_type for offer in answer.offers] == [
        "uri://portainer-service",
        "uri://compose-uws",
        "uri://docker-uws",
    ]
    assert answer.offers[2].service_info == {"queue": "short"}
    larger = await ask(docker, task("docker-container", Resources(cores=Range(4000))))
    assert [offer.service_type for offer in larger.offers] == [
        "uri://portainer-service",
        "uri://docker-uws",
    ]
    assert larger.offers[0].resources.cores == Range(4000, 8000)


async def test_open_ends_are_filled_in_by_the_platform():
    zeppelin = declared(resources={"maxcores": 12, "maxmemory": "16G", "maxgpus": 2})
    wanted = task(resources=Resources(cores=Range(8000), memory=Range(8 * GIB)))
    (offer,) = (await ask(zeppelin, wanted)).offers
    assert offer.resources == Resources(
        cores=Range(8000, 12000), memory=Range(8 * GIB, 16 * GIB)
    )
    assert offer.filled == {"cores.max": "offered", "memory.max": "offered"}


async def test_start_up_and_duration_are_filled_in_at_both_ends():
    docker = declared(resources={"minstartup": "5s", "maxduration": "10m"})
    wanted = task(resources=Resources(startup=Range(None, 60), duration=Range(300)))
    (offer,) = (await ask(docker, wanted)).offers
    assert offer.resources == Resources(startup=Range(5, 60), duration=Range(300, 600))


async def test_the_gaia_chart_is_granted_what_the_slides_grant():
    gaia = declared(
        tasktypes=["uri://kubernetes-helm"],
        resources={"maxcores": 240, "maxmemory": "400G", "maxduration": "9h30m"},
    )
    wanted = task(
        "kubernetes-helm",
        Resources(cores=Range(220_000), memory=Range(360 * GIB), duration=Range(9 * HOUR)),
        location="https://charts.example.org/gaia-ml.tgz",
    )
    (offer,) = (await ask(gaia, wanted)).offers
    assert offer.resources == Resources(
        cores=Range(220_000, 240_000),
        memory=Range(360 * GIB, 400 * GIB),
        duration=Range(9 * HOUR, 9 * HOUR + 1800),
    )


# What else can be written down.


async def test_what_is_not_declared_refuses_nothing_and_room_is_unknown():
    answer = await ask(declared(), task(resources=Resources(memory=Range(2**52))))
    assert answer.verdict is Verdict.YES
    assert answer.now is Verdict.CANNOT_TELL


@pytest.mark.parametrize(
    ("entry", "source"),
    [
        ({"declared": "2026-11-22"}, "declared by the administrator on 2026-11-22"),
        ({}, "declared by the administrator"),
    ],
)
async def test_the_evidence_names_the_administrator_and_the_date_where_given(entry, source):
    answer = await ask(declared(resources={"maxmemory": "12G"}, **entry), task())
    assert [evidence.source for evidence in answer.evidence] == [source]
    assert '"maxmemory":"12G"' in answer.evidence[0].text


async def test_the_evidence_holds_no_service_info():
    answer = await ask(declared(serviceinfo={"hint": "s3cret"}), task())
    assert "s3cret" not in str(answer.evidence)


@pytest.mark.parametrize(("kernel", "verdict"), [("ir", "NO"), ("python3", "YES"), ("", "YES")])
async def test_a_kernel_that_is_not_declared_is_missing(kernel, verdict):
    answer = await ask(declared(kernels=["python3"]), task(kernel=kernel))
    assert answer.verdict.value == verdict


@pytest.mark.parametrize(
    ("image", "verdict"),
    [("docker.io/gaia/ml:2", "YES"), ("docker.io/other:1", "NO"), ("", "YES")],
)
async def test_images_are_accepted_by_shell_patterns(image, verdict):
    platform = declared(tasktypes=["uri://docker-container"], images=["docker.io/gaia/*"])
    answer = await ask(platform, task("docker-container", image=image))
    assert answer.verdict.value == verdict


async def test_gpus_are_judged_by_vendor_model_and_memory():
    platform = declared(
        resources={"maxgpus": 4},
        gpus={"vendors": ["nvidia"], "models": ["A100-SXM4-80GB"], "memory": "80G"},
    )
    fits = Resources(gpus=Range(2), gpu=Gpu("NVIDIA", "a100", 40 * GIB))
    assert (await ask(platform, task(resources=fits))).verdict is Verdict.YES
    for gpu in (Gpu("amd"), Gpu(model="H200"), Gpu(memory=81 * GIB)):
        wanted = task(resources=Resources(gpus=Range(1), gpu=gpu))
        assert (await ask(platform, wanted)).verdict is Verdict.NO


async def test_where_there_are_no_gpus_their_number_is_the_only_reason():
    platform = declared(resources={"maxgpus": 0}, gpus={"models": ["a100"], "memory": "80G"})
    wanted = task(resources=Resources(gpus=Range(1), gpu=Gpu(model="h200", memory=2**40)))
    answer = await ask(platform, wanted)
    assert [reason.field for reason in answer.reasons] == ["/resources/gpus/min"]


async def test_a_closed_place_says_yes_but_not_now_and_when_it_opens():
    platform = declared(hours="Mon-Fri 08:00-18:00", timezone="Europe/Rome")
    answer = await ask(platform, task())
    assert (answer.verdict, answer.now) == (Verdict.YES, Verdict.NO)
    (reason,) = answer.reasons
    assert reason.code == "closed"
    assert "opens Mon 23 Nov 08:00 CET" in reason.message
    assert answer.offers[0].start.earliest == 19 * HOUR
    assert answer.offers[0].start.latest is None


async def test_an_open_place_promises_no_room():
    answer = await ask(declared(SUNDAY + 24 * HOUR, hours="Mon 08:00-18:00"), task())
    assert (answer.verdict, answer.now) == (Verdict.YES, Verdict.CANNOT_TELL)
    assert answer.offers[0].start is None


@pytest.mark.parametrize(
    ("entry", "named"),
    [
        ({"resources": {"maxmemory": "12 parsecs"}}, "resources.maxmemory"),
        ({"resources": {"maxcores": True}}, "resources.maxcores"),
        ({"resources": {"maxcore": 1}}, "maxcore"),
        ({"resources": {"mincores": 8, "maxcores": 4}}, "resources.mincores"),
        ({"interfaces": [{"servicetype": "x", "port": 1}]}, "port"),
        ({"interfaces": [{"servicetype": "x", "resources": {"maxdisk": "?"}}]}, "maxdisk"),
        ({"gpus": {"memory": "much"}}, "gpus.memory"),
        ({"hours": "always"}, "hours"),
        ({"hours": "08:00-18:00", "timezone": "Mars/Olympus"}, "timezone"),
        ({"declared": "yesterday"}, "declared"),
        ({"tasktypes": []}, "tasktypes"),
        ({"tasktypes": "uri://jupyter-notebook"}, "tasktypes"),
        ({"servicetype": ""}, "servicetype"),
    ],
)
def test_a_wrong_key_is_an_error_that_names_it(entry, named):
    with pytest.raises(ConfigurationError, match=named):
        declared(name="north", **entry)


def crowd(count, seed):
    """Many platforms as administrators would write them, limits from ladders or all distinct."""
    rng = random.Random(seed)
    return [
        declared(
            name=f"p{number}",
            tasktypes=rng.sample(list(TASK_TYPES), 5),
            languages=rng.choice([["python"], ["python", "r"], ["julia"]]),
            resources={
                "maxcores": rng.choice([1, 4, 16, 64]),
                "maxmemory": rng.choice(["4G", "16G", rng.randint(2**30, 2**38)]),
                "maxduration": rng.choice(["1h", "8h", "2-00:00:00"]),
                "mingpus": rng.choice([0, 1]),
                "maxgpus": rng.choice([1, 4]),
            },
            interfaces=[
                {"servicetype": f"uri://{way}", "resources": {"maxcores": rng.choice([2, 128])}}
                for way in range(rng.randint(0, 3))
            ],
        )
        for number in range(count)
    ]


WANTED = task(
    resources=Resources(
        cores=Range(4000), memory=Range(8 * GIB), duration=Range(2 * HOUR), gpus=Range(None, 0)
    ),
    languages=("python",),
)


async def test_a_crowd_asked_together_answers_like_each_asked_alone():
    platforms = crowd(400, seed=7)
    together = Declared.ask_together(platforms, WANTED, Ask())
    alone = [await ask(platform, WANTED) for platform in platforms]
    assert together == alone
    assert {answer.verdict for answer in alone} == {Verdict.YES, Verdict.NO}


def test_a_thousand_platforms_answer_with_reasons_in_little_processor_time():
    platforms = crowd(1000, seed=8)
    Declared.ask_together(platforms, WANTED, Ask())
    spent = []
    for memory in range(9, 24):
        wanted = msgspec.structs.replace(
            WANTED, resources=WANTED.resources.replace("memory", min=memory * GIB)
        )
        started = time.process_time()
        answers = Declared.ask_together(platforms, wanted, Ask())
        spent.append(time.process_time() - started)
        assert all(answer.offers or answer.reasons for answer in answers)
    assert min(spent) < 0.05, "far above the 0.01 s that the benchmark holds it to"
