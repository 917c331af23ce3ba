"""The text of scontrol and squeue, as recorded from real controllers."""

import time
import tracemalloc

import pytest
from slurm_fake import NOW, busy, idle, recorded

from jupyter_canidothis.errors import PlatformProtocolError
from jupyter_canidothis.platforms.slurm import reading


def test_partitions_are_read_with_their_limits_and_defaults():
    short, gpu, closed, vip = reading.read_partitions(recorded("scontrol-partition.txt"))
    assert (short.name, short.state, short.default) == ("short", "UP", True)
    assert (short.max_time, short.default_time) == (7200, 1800)
    assert short.default_memory_per_cpu == 2000
    assert short.max_nodes == 1
    assert gpu.max_time == 86400
    assert gpu.max_nodes is None
    assert gpu.default_memory_per_cpu is None
    assert closed.state == "DOWN"
    assert closed.max_time is None
    assert vip.words == {"AllowGroups": frozenset({"adm"})}
    assert short.words == {}


def test_one_line_and_several_lines_are_read_alike():
    text = recorded("scontrol-partition.txt")
    one_line = "\n".join(" ".join(part.split()) for part in text.split("\n\n"))
    several = [p.max_time for p in reading.read_partitions(text)]
    assert [p.max_time for p in reading.read_partitions(one_line)] == several


def test_nodes_are_read_with_what_they_have_and_what_is_taken():
    n1, n2 = reading.read_nodes(recorded("scontrol-node.txt"))
    assert (n1.name, n1.cpus, n1.cpus_used) == ("n1", 8, 8)
    assert (n1.memory, n1.memory_used) == (32000, 16384)
    assert n1.gpus == {}
    assert n1.partitions == {"short", "closed", "vip"}
    assert n2.gpus == {"a100": 2}
    assert n2.unavailable == "not responding"


def test_gpus_in_use_are_read_from_the_details():
    _, n2 = reading.read_nodes(busy()["node"])
    assert n2.gpus == {"a100": 2}
    assert n2.gpus_used == {"a100": 1}


@pytest.mark.parametrize(
    ("text", "gpus"),
    [
        ("gpu:2", {"": 2}),
        ("gpu:a100:2(S:0-1)", {"a100": 2}),
        ("gpu:a100:2,gpu:v100:1", {"a100": 2, "v100": 1}),
        ("gpu:nvidia_a100-sxm4-40gb:4(S:0-3),nic:1", {"nvidia_a100-sxm4-40gb": 4}),
        ("gpu:1g.5gb:7", {"1g.5gb": 7}),
        ("craynetwork:4", {}),
        ("(null)", {}),
        ("gpu:a100:0(IDX:N/A)", {}),
    ],
)
def test_generic_resources_of_every_shape_are_read(text, gpus):
    (node,) = reading.read_nodes(f"NodeName=n CPUTot=1 Gres={text} State=IDLE")
    assert node.gpus == gpus


@pytest.mark.parametrize(
    ("state", "word"),
    [
        ("IDLE", ""),
        ("MIXED", ""),
        ("ALLOCATED", ""),
        ("IDLE+PLANNED", ""),
        ("IDLE+CLOUD+POWERED_DOWN", ""),
        ("IDLE+CLOUD+POWERING_UP+NOT_RESPONDING", ""),
        ("IDLE+DRAIN", "drained"),
        ("MIXED+DRAIN", "drained"),
        ("DOWN", "down"),
        ("DOWN*", "down"),
        ("IDLE*", "not responding"),
        ("DOWN+DRAIN+NOT_RESPONDING", "down"),
        ("FUTURE", "not there yet"),
        ("IDLE+INVALID_REG", "misconfigured"),
    ],
)
def test_a_node_state_says_whether_jobs_start_there(state, word):
    (node,) = reading.read_nodes(f"NodeName=n CPUTot=1 State={state}")
    assert node.unavailable == word


def test_a_comment_cannot_pretend_to_be_another_field():
    line = "NodeName=n CPUTot=4 State=IDLE Reason=was State=DOWN before [root@2026-11-22]"
    (node,) = reading.read_nodes(line)
    assert node.unavailable == ""


def test_reserved_memory_is_no_memory_for_jobs():
    (node,) = reading.read_nodes(
        "NodeName=n CPUTot=4 RealMemory=1000 MemSpecLimit=200 State=IDLE"
    )
    assert node.memory == 800


def test_reservations_are_read_with_their_nodes_spelt_out():
    (found,) = reading.read_reservations(busy()["reservation"])
    assert (found.name, found.nodes) == ("upgrade", {"n2"})
    assert found.end - found.start == 7200
    assert "MAINT" in found.flags


def test_host_lists_are_spelt_out():
    line = (
        "ReservationName=r StartTime=2026-11-22T19:04:41 EndTime=2026-11-22T21:04:41 "
        "Nodes=n[01-03,10],gpu7,rack[1-2]a Flags="
    )
    (found,) = reading.read_reservations(line)
    assert found.nodes == {"n01", "n02", "n03", "n10", "gpu7", "rack1a", "rack2a"}


def test_a_host_list_is_never_spelt_out_without_end():
    line = (
        "ReservationName=r StartTime=2026-11-22T19:04:41 EndTime=2026-11-22T21:04:41 "
        "Nodes=n[0-999999999]"
    )
    (found,) = reading.read_reservations(line)
    assert len(found.nodes) < 200_000


def test_no_reservation_is_none():
    assert reading.read_reservations(idle()["reservation"]) == ()


def test_the_queue_is_read_with_expected_starts():
    first, second = reading.read_queue(busy()["queue"])
    assert first.partitions == {"short"}
    assert (first.reason, first.nodes, first.cpus) == ("Resources", {"n1"}, 8)
    assert second.start > first.start
    (unknown,) = reading.read_queue(
        "7|short,long|N/A|(null)|4|ReqNodeNotAvail, Reserved for maintenance"
    )
    assert (unknown.start, unknown.nodes, unknown.cpus) == (None, frozenset(), 4)
    assert unknown.partitions == {"short", "long"}
    assert unknown.reason == "ReqNodeNotAvail, Reserved for maintenance"


def test_times_with_a_zone_mean_the_same_on_every_host():
    assert reading.read_moment("2026-11-22T17:22:50+0000") == 1795368170
    assert reading.read_moment("2026-11-22T18:22:50+0100") == 1795368170


def test_times_without_a_zone_are_those_of_this_host(monkeypatch):
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        assert reading.read_moment("2026-11-22T12:22:50") == 1795368170
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize("text", ["", "N/A", "Unknown", "tomorrow", "2026-13-45T99:99:99"])
def test_a_time_that_is_none_is_none(text):
    assert reading.read_moment(text) is None


def test_the_settings_say_what_is_enforced():
    found = reading.read_settings(recorded("scontrol-config.txt"), NOW)
    assert (found.cluster, found.enforce) == ("canido", "ANY")
    assert found.accounting == frozenset()
    assert found.memory_counted
    assert found.skew == 0


def test_a_clock_that_differs_is_noticed():
    assert reading.read_settings(recorded("scontrol-config.txt"), NOW - 90).skew == 90


def test_anything_else_than_a_configuration_is_refused():
    with pytest.raises(PlatformProtocolError):
        reading.read_settings("<html>please log in</html>", NOW)


def test_a_duration_that_is_none_is_refused():
    with pytest.raises(PlatformProtocolError, match="duration"):
        reading.read_partitions("PartitionName=p MaxTime=soon State=UP")


def test_five_thousand_nodes_are_read_in_little_time_and_memory():
    line = busy()["node"].splitlines()[1]
    text = "\n".join(line.replace("NodeName=n2", f"NodeName=n{i}") for i in range(5000))
    reading.read_nodes(line)
    started = time.process_time()
    nodes = reading.read_nodes(text)
    took = time.process_time() - started
    assert len(nodes) == 5000
    assert took < 0.6, "far above the 0.15 s of a quiet machine"
    tracemalloc.start()
    try:
        kept = reading.read_nodes(text)
        assert tracemalloc.get_traced_memory()[0] < 20e6
        assert kept
    finally:
        tracemalloc.stop()
