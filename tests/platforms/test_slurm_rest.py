"""Slurm through slurmrestd, with what real ones of 22.05 and 24.11 answered."""

import dataclasses
import json

import msgspec
import pytest
from contract import PlatformContract, check
from slurm_fake import RECORDED, task
from slurmrestd_fake import MOMENTS, URL, body, error, restful, token

from jupyter_canidothis.answer import Verdict
from jupyter_canidothis.errors import (
    ConfigurationError,
    PlatformNotAuthenticated,
    PlatformProtocolError,
    PlatformUnreachable,
)
from jupyter_canidothis.platforms.base import Ask
from jupyter_canidothis.platforms.slurm import Slurm, reading, rest_reading
from jupyter_canidothis.units import GIB

HOUR = 3600
VERSIONS = ("22.05", "24.11")
CONF = """
# A copy of the recorded clusters' own.
ClusterName=demo
SelectTypeParameters=CR_Core_Memory
AccountingStorageType=accounting_storage/none
EnforcePartLimits=ANY
NodeName=n1 CPUs=8
PartitionName=DEFAULT MaxTime=UNLIMITED
PartitionName=short Nodes=n1 Default=YES MaxTime=02:00:00 # the usual one
partitionname=long,gpu Nodes=n1,n2
PartitionName=resv Nodes=n2 \\
    ReqResv=YES
PartitionName=whole Nodes=n1 OverSubscribe=EXCLUSIVE
PartitionName=shut Nodes=n2 RootOnly=YES
"""


@pytest.fixture
def copy(tmp_path):
    """Write a copy of slurm.conf with some lines more, and return its path."""

    def write(*more):
        path = tmp_path / "slurm.conf"
        path.write_text("\n".join((CONF, *more)))
        return str(path)

    return write


async def ask(platform, wanted):
    snapshot = await platform.snapshot(Ask())
    return check(await platform.ask(wanted, snapshot, Ask()), platform)


class TestContract(PlatformContract):
    @pytest.fixture(params=VERSIONS)
    def platform(self, request, copy):
        return restful(request.param, conf=copy())

    @pytest.fixture
    def accepted(self):
        return task(cores=2000, memory=(2 * GIB, 4 * GIB), duration=600)

    @pytest.fixture
    def refused(self):
        return task(cores=64000, memory=2 * GIB, duration=600)


def both(version, name, file):
    """What REST and scontrol said at the same moment."""
    kind, by_rest = BY_REST[name]
    text = (RECORDED / f"rest-{version}" / f"{file}.txt").read_text()
    return by_rest(msgspec.json.decode(body(version, name), type=kind)), BY_TEXT[name](text)


BY_REST = {
    "partitions": (rest_reading.Partitions, rest_reading.read_partitions),
    "nodes": (rest_reading.Nodes, rest_reading.read_nodes),
    "reservations": (rest_reading.Reservations, rest_reading.read_reservations),
    "jobs": (rest_reading.Jobs, rest_reading.read_queue),
}
BY_TEXT = {
    "partitions": reading.read_partitions,
    "nodes": reading.read_nodes,
    "reservations": reading.read_reservations,
    "jobs": reading.read_queue,
}


UNPUBLISHED = {
    "22.05": {("whole", "exclusive")},
    "24.11": {("short", "default"), ("shut", "root_only"), ("resv", "needs_reservation")},
}
"""What scontrol printed of the same partitions at the same moment, and REST did not."""


@pytest.mark.parametrize("version", VERSIONS)
def test_partitions_in_json_are_those_in_text_but_for_what_is_not_published(version):
    rest, text = both(version, "partitions", "partition")
    assert len(rest) == len(text) == 8
    names = [field.name for field in dataclasses.fields(rest[0]) if field.name != "record"]
    differ = {
        (one.name, name)
        for one, other in zip(rest, text, strict=True)
        for name in names
        if getattr(one, name) != getattr(other, name)
    }
    assert differ == UNPUBLISHED[version]


@pytest.mark.parametrize("version", VERSIONS)
def test_nodes_and_reservations_in_json_are_those_in_text(version):
    rest, text = both(version, "nodes", "node")
    assert rest == text
    assert rest[1].unavailable == "drained"
    rest, text = both(version, "reservations", "reservation")
    assert rest == text
    assert rest[0].name == "upgrade"


@pytest.mark.parametrize("version", VERSIONS)
def test_the_queue_has_starts_only_with_the_nodes_that_they_are_for(version):
    rest, text = both(version, "jobs", "queue")
    assert {job.id for job in rest} == {job.id for job in text} == {"2", "3", "4"}
    (planned,) = [job for job in text if job.start is not None]
    (same,) = [job for job in rest if job.id == planned.id]
    assert same == (
        planned
        if version == "24.11"
        else dataclasses.replace(planned, start=None, nodes=frozenset())
    )


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (5, 5),
        ({"set": True, "infinite": False, "number": 5}, 5),
        ({"set": True, "infinite": True, "number": 0}, None),
        ({"set": False, "infinite": False, "number": 5}, None),
        (-1, None),
        (4294967294, None),
        (-9223372036854773808, None),
        (None, None),
        ("5", None),
        (True, None),
        ([], None),
    ],
)
def test_a_number_is_read_in_every_form(value, read):
    assert rest_reading.number(value) == read


@pytest.mark.parametrize("version", VERSIONS)
async def test_with_a_copy_of_slurm_conf_what_fits_is_a_yes_by_arithmetic(version, copy):
    answer = await ask(restful(version, conf=copy()), task(cores=2000, duration=600))
    assert answer.verdict is Verdict.YES
    assert [offer.name for offer in answer.offers] == ["short", "long"]
    assert answer.sure == "asked"
    assert {evidence.how for evidence in answer.evidence} == {
        "arithmetic", "live-read", "declared",
    }  # fmt: skip
    start = answer.offers[0].start
    assert start.latest is None
    assert "no dry run was made" in start.basis


@pytest.mark.parametrize("version", VERSIONS)
async def test_without_one_what_fits_is_not_known_and_says_why(version):
    answer = await ask(restful(version), task(cores=2000, duration=600))
    assert answer.verdict is Verdict.CANNOT_TELL
    assert answer.offers == ()
    assert answer.reasons[0].code == "not-published"
    assert "limits of accounts" in answer.reasons[0].message
    assert "slurm.conf" in answer.reasons[0].message


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("partition", "wanted", "told"),
    [
        ("short", {"cores": 64000}, ("limit-exceeded", "cores")),
        ("short", {"memory": 500 * GIB}, ("limit-exceeded", "memory")),
        ("short", {"duration": 5 * HOUR}, ("limit-exceeded", "duration")),
        ("short", {"gpus": 1}, ("no-such-resource", "gpus")),
        ("closed", {}, ("closed", "")),
        ("off", {}, ("closed", "")),
        ("gpu", {"gpus": 1}, ("closed", "")),
    ],
)
async def test_what_does_not_fit_is_a_no_with_or_without_a_copy(
    version, partition, wanted, told, copy
):
    code, field = told
    for keys in ({}, {"conf": copy()}):
        platform = restful(version, partitions=[partition], **keys)
        answer = await ask(platform, task(**wanted))
        assert answer.verdict is Verdict.NO
        reason = answer.reasons[0]
        assert reason.code == code
        assert reason.field == (f"/resources/{field}/min" if field else "")


@pytest.mark.parametrize("version", VERSIONS)
async def test_no_sentence_speaks_of_commands_that_nobody_ran(version, copy):
    for wanted in (task(cores=2000, duration=600), task(cores=64000), task(cores=8000)):
        for keys in ({}, {"conf": copy()}):
            answer = await ask(restful(version, **keys), wanted)
            offers = msgspec.json.encode(answer.offers).replace(b"no dry run was made", b"")
            said = offers + msgspec.json.encode(
                [(e.how, e.source) for e in answer.evidence]
                + [reason.message for reason in answer.reasons]
            )
            for word in (b"scontrol", b"sbatch", b"dry run", b"dry-run"):
                assert word not in said


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (
            "AccountingStorageType=accounting_storage/slurmdbd\nAccountingStorageEnforce=limits",
            "limits of accounts and QOS",
        ),
        ("JobSubmitPlugins=lua", "the plugin lua"),
        ("Include /etc/slurm/more.conf", "includes"),
        ("PartitionName=short AllocNodes=head", "from where you would submit"),
    ],
)
async def test_what_decides_and_is_not_published_makes_a_yes_unknown(line, words, copy):
    platform = restful(partitions=["short"], conf=copy(line))
    answer = await ask(platform, task(cores=1000, duration=600))
    assert answer.verdict is Verdict.CANNOT_TELL
    assert words in answer.reasons[0].message


async def test_a_limit_that_only_the_copy_knows_counts(copy):
    platform = restful(partitions=["short"], conf=copy("MaxMemPerNode=1000"))
    answer = await ask(platform, task(memory=2 * GIB))
    assert answer.verdict is Verdict.NO
    assert answer.reasons[0].limit == 1000 * 2**20


async def test_a_reservation_that_only_the_copy_knows_of_is_wanted(copy):
    answer = await ask(restful(partitions=["resv"], conf=copy()), task())
    assert answer.verdict is Verdict.NO
    assert "reservation" in answer.reasons[0].message


async def test_a_partition_for_some_is_not_known_to_be_for_the_asker(copy):
    answer = await ask(restful(partitions=["whole"], conf=copy()), task(duration=600))
    assert answer.verdict is Verdict.NO
    kept = copy("AccountingStorageType=accounting_storage/slurmdbd")
    answer = await ask(restful(partitions=["whole"], conf=kept), task(duration=600))
    assert answer.verdict is Verdict.CANNOT_TELL
    assert "which accounts you have" in answer.reasons[0].message


async def test_a_partition_that_the_copy_lacks_is_not_known(copy):
    platform = restful(partitions=["short"], conf=copy())
    platform._rest._edges.http.replaced["partitions"] = (
        200,
        body("24.11", "partitions").replace('"short"', '"new"'),
    )
    platform.config = msgspec.structs.replace(platform.config, partitions=("new",))
    answer = await ask(platform, task())
    assert answer.verdict is Verdict.CANNOT_TELL
    assert "not in slurm.conf's copy" in answer.reasons[0].message


async def test_only_these_addresses_are_read_and_by_get():
    platform = restful("22.05")
    await ask(platform, task())
    fake = platform.edges.http
    assert sorted(fake.asked) == [
        f"{URL}/openapi/v3",
        *(
            f"{URL}/slurm/v0.0.38/{name}"
            for name in ("diag", "jobs", "nodes", "partitions", "ping", "reservations")
        ),
    ]
    await platform.snapshot(Ask())
    assert len(fake.asked) == 13, "the version is asked for once"


async def test_who_asks_is_said_by_the_token_or_by_the_configuration(monkeypatch):
    monkeypatch.setenv("SLURM_JWT", token(sun="alice", exp=MOMENTS["24.11"] + 60))
    for keys, user in (({}, "alice"), ({"user": "bob"}, "bob")):
        platform = restful(token_env="SLURM_JWT", **keys)
        await platform.snapshot(Ask())
        for headers in platform.edges.http.headers:
            assert headers["X-SLURM-USER-NAME"] == user
            assert headers["X-SLURM-USER-TOKEN"] == token(
                sun="alice", exp=MOMENTS["24.11"] + 60
            )


async def test_a_token_that_has_expired_is_told_before_it_is_sent(monkeypatch):
    monkeypatch.setenv("SLURM_JWT", token(sun="alice", exp=MOMENTS["24.11"] - 60))
    platform = restful(token_env="SLURM_JWT")
    with pytest.raises(PlatformNotAuthenticated, match="expired"):
        await platform.snapshot(Ask())
    assert platform.edges.http.asked == []


async def test_a_token_that_cannot_be_read_is_a_login_that_is_missing(monkeypatch):
    monkeypatch.delenv("SLURM_JWT", raising=False)
    with pytest.raises(PlatformNotAuthenticated, match="SLURM_JWT is not set"):
        await restful(token_env="SLURM_JWT").snapshot(Ask())


async def test_a_token_of_another_form_is_sent_as_it_is(monkeypatch):
    for odd in ("opaque", "a.b.c", "a.bm8.c"):
        monkeypatch.setenv("SLURM_JWT", odd)
        platform = restful(token_env="SLURM_JWT", user="alice")
        await platform.snapshot(Ask())
        assert platform.edges.http.headers[0]["X-SLURM-USER-TOKEN"] == odd


@pytest.mark.parametrize(
    ("version", "replaced", "kind", "words"),
    [
        ("22.05", {"openapi": "no token"}, PlatformNotAuthenticated, "neither our token nor"),
        ("24.11", {"nodes": "no token"}, PlatformNotAuthenticated, "neither our token nor"),
        (
            "24.11",
            {
                "nodes": "token refused by 24.11",
                "ping": "ping of 24.11 with a token that it refuses, or no controller",
            },
            PlatformNotAuthenticated,
            "does not accept our token",
        ),
        (
            "22.05",
            {"nodes": "token refused by 22.05"},
            PlatformUnreachable,
            "does not say which",
        ),
        (
            "24.11",
            {"ping": "ping of 24.11 with a token that it refuses, or no controller"},
            PlatformUnreachable,
            "the Slurm controller does not",
        ),
        (
            "24.11",
            {"nodes": "controller of 24.11 down"},
            PlatformUnreachable,
            "Unable to contact slurm controller",
        ),
        ("24.11", {"jobs": "unknown version"}, PlatformProtocolError, "404"),
    ],
)
async def test_each_fault_has_its_own_words(version, replaced, kind, words):
    texts = {path: error(name) for path, name in replaced.items()}
    with pytest.raises(kind, match=words):
        await restful(version, texts).snapshot(Ask())


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("openapi", "<html>"),
        ("openapi", '{"paths": {"/other": {}}}'),
        ("nodes", '{"nodes": [{"name": 5}]}'),
        ("nodes", '{"nodes": ['),
        ("partitions", '{"partitions": {}}'),
        ("jobs", "null"),
    ],
)
async def test_garbage_is_a_bad_answer(path, text):
    with pytest.raises(PlatformProtocolError):
        await restful(replaced={path: (200, text)}).snapshot(Ask())


async def test_a_version_that_nobody_tried_is_read_and_said_to_be_new(copy):
    paths = {"paths": {"/slurm/v0.0.9/partitions/": {}, "/slurm/v0.0.47/partitions/": {}}}
    platform = restful(replaced={"openapi": (200, paths)}, conf=copy())
    answer = await ask(platform, task(cores=2000, duration=600))
    assert answer.verdict is Verdict.YES
    assert platform.edges.http.asked[-1].startswith(f"{URL}/slurm/v0.0.47/")
    assert "v0.0.47 is none of the versions" in answer.reasons[-1].message


async def test_the_clock_that_counts_is_the_controllers(copy):
    platform = restful(clock=MOMENTS["24.11"] - 90, conf=copy())
    snapshot = await platform.snapshot(Ask())
    assert snapshot.content.settings.skew == 90


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"url": URL, "ssh": "login"}, "ssh: not together with url"),
        ({"url": URL, "bin": "/opt"}, "bin: not together with url"),
        ({"token_env": "T"}, "token_env: only with the key url"),
        ({"user": "alice"}, "user: only with the key url"),
        ({"url": "rest.example.org"}, "url: not an absolute"),
        ({"url": URL, "token_env": "T", "token_file": "f"}, "not both"),
    ],
)
def test_keys_that_do_not_go_together_are_named(keys, words):
    with pytest.raises(ConfigurationError, match=words):
        Slurm.configure({"kind": "slurm", **keys})


async def test_a_copy_that_is_missing_is_named():
    with pytest.raises(PlatformUnreachable, match=r"/nowhere/slurm.conf"):
        await restful(conf="/nowhere/slurm.conf").snapshot(Ask())


async def test_the_script_that_is_handed_over_knows_nothing_of_the_copy(copy):
    platform = restful(conf=copy())
    wanted = task("batch-script", cores=1000)
    executable = msgspec.structs.replace(wanted.executable, command=("true",))
    wanted = msgspec.structs.replace(wanted, executable=executable)
    answer = await ask(platform, wanted)
    made = platform.handover(wanted, answer.offers[0])
    assert made.command == f"sbatch {made.name}"
    assert json.dumps(made.content).count("slurm.conf") == 0
