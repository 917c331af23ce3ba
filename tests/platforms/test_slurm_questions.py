"""From a task to the command line of a dry run, and which nodes could hold it."""

import pytest
from slurm_fake import idle, recorded, task

from jupyter_canidothis.platforms.slurm import reading
from jupyter_canidothis.platforms.slurm.cluster import Cluster, Settings
from jupyter_canidothis.platforms.slurm.fit import fit, room
from jupyter_canidothis.platforms.slurm.question import gpu_memory, question
from jupyter_canidothis.resources import Gpu
from jupyter_canidothis.units import GIB

MIB = 2**20


def cluster(node=None, partition=None, **settings):
    return Cluster(
        Settings(**settings),
        reading.read_partitions(partition or recorded("scontrol-partition.txt")),
        reading.read_nodes(node or idle()["node"]),
    )


def put(name="short", *, gpu=None, on=None, **ranges):
    on = on or cluster()
    partition = next(p for p in on.partitions if p.name == name)
    return question(task(gpu=gpu, **ranges).resources, partition, on)


def one_node(line, options="", **ranges):
    """A partition of one node and a question to it."""
    on = cluster(
        f"NodeName=n State=IDLE Partitions=p {line}", f"PartitionName=p {options} State=UP"
    )
    return on, put("p", on=on, **ranges)


def check_fit(on, asked):
    return fit(asked, on.partitions[0], on.nodes, on.settings)


def test_every_amount_becomes_one_option_rounded_up():
    asked = put(cores=1500, memory=2 * GIB + 1, duration=601)
    assert asked.options == (
        "--partition=short",
        "--nodes=1",
        "--ntasks=1",
        "--cpus-per-task=2",
        "--time=11",
        "--mem=2049M",
    )


def test_the_dry_run_needs_no_file_and_sends_no_environment():
    argv = put(cores=1000).dry_run("sbatch")
    assert argv[:3] == ("sbatch", "--test-only", "--export=NONE")
    assert argv[-1] == "--wrap=true"


def test_gpus_are_asked_for_with_the_cluster_s_own_word():
    assert "--gres=gpu:2" in put("gpu", gpus=2).options
    model = Gpu(model="NVIDIA A100-SXM4-40GB")
    assert "--gres=gpu:a100:1" in put("gpu", gpus=1, gpu=model).options
    assert put("gpu", gpu=Gpu(model="a100")).gpus == 1


def test_a_model_cannot_smuggle_in_another_option():
    asked = put("gpu", gpus=1, gpu=Gpu(model="x:9,license --uid=0 $(reboot)"))
    (option,) = [o for o in asked.options if o.startswith("--gres")]
    assert option == "--gres=gpu:x-9-license---uid-0-reboot:1"


def test_a_partition_s_own_time_limit_is_asked_for_when_the_task_names_none():
    assert put("short").minutes == 30
    assert put("gpu").minutes == 60
    assert put("closed").minutes == 60
    assert put("short", duration=(None, 600)).minutes == 10


def test_a_partition_s_own_memory_is_known_when_the_task_names_none():
    assert put("short", cores=3000).default_memory == 6000
    assert put("gpu").default_memory is None
    assert put("short", memory=GIB).needed_memory == 1024


def test_cores_are_spread_over_as_few_nodes_as_the_task_allows():
    on = cluster(
        "\n".join(f"NodeName=n{i} CPUTot=8 Partitions=vip State=IDLE" for i in range(4))
    )
    asked = put("vip", on=on, cores=20000, memory=30 * GIB, nodes=(1, 4))
    assert (asked.nodes, asked.cpus, asked.memory) == (3, 7, 10240)
    assert put("vip", on=on, cores=20000).nodes == 1


@pytest.mark.parametrize(
    ("kind", "size"),
    [("a100_80gb", 80), ("1g.5gb", 5), ("a100-40g", 40), ("a100", None), ("v100", None)],
)
def test_the_memory_of_a_gpu_is_known_where_its_name_tells_it(kind, size):
    assert gpu_memory(kind) == (size * GIB if size else None)


def test_the_smallest_gpu_that_has_the_memory_is_chosen():
    on, asked = one_node(
        "CPUTot=8 Gres=gpu:a100_40gb:1,gpu:a100_80gb:1,gpu:t4_16gb:1",
        gpus=1,
        gpu=Gpu(memory=30 * GIB),
    )
    assert asked.gpu_type == "a100_40gb"
    assert check_fit(on, asked)


def test_a_node_that_has_all_of_it_fits():
    on, asked = one_node("CPUTot=8 RealMemory=32000", cores=8000, memory=32000 * MIB)
    found = check_fit(on, asked)
    assert found
    assert found.counts == "1 of 1 node"


@pytest.mark.parametrize(
    ("ranges", "word"),
    [
        ({"cores": 8001}, "too few cores"),
        ({"memory": 32000 * MIB + 1}, "too little memory"),
        ({"gpus": 1}, "no GPU"),
    ],
)
def test_a_node_that_lacks_something_says_what(ranges, word):
    on, asked = one_node("CPUTot=8 RealMemory=32000", **ranges)
    found = check_fit(on, asked)
    assert not found
    assert found.counts == f"0 of 1 node: 1 {word}"


def test_nodes_are_counted_by_what_they_lack():
    text = "\n".join(
        [
            *(
                f"NodeName=a{i} CPUTot=8 RealMemory=1000 Partitions=p State=IDLE"
                for i in range(9)
            ),
            *(
                f"NodeName=b{i} CPUTot=8 RealMemory=9000 Partitions=p State=DOWN"
                for i in range(3)
            ),
        ]
    )
    on = cluster(text, "PartitionName=p State=UP")
    found = check_fit(on, put("p", on=on, memory=4000 * MIB))
    assert found.counts == "0 of 12 nodes: 9 too little memory, 3 down"


@pytest.mark.parametrize("spelling", ["CPUEfctv=6 CPUTot=8", "CPUTot=6"])
def test_processors_kept_for_the_system_are_not_for_jobs(spelling):
    on, asked = one_node(spelling, cores=7000)
    assert check_fit(on, asked).counts == "0 of 1 node: 1 too few cores"


def test_a_partition_may_use_only_some_processors_of_a_node():
    on, asked = one_node("CPUTot=8", "MaxCPUsPerNode=4", cores=5000)
    assert not check_fit(on, asked)


def test_a_partition_may_give_only_some_memory_of_a_node():
    on, asked = one_node("CPUTot=8 RealMemory=32000", "MaxMemPerNode=8000", memory=9000 * MIB)
    assert not check_fit(on, asked)


def test_memory_above_the_share_of_a_processor_takes_more_processors():
    on, asked = one_node(
        "CPUTot=8 RealMemory=32000", "MaxMemPerCPU=1000", cores=1000, memory=9000 * MIB
    )
    assert check_fit(on, asked).counts == "0 of 1 node: 1 too few cores"


def test_room_looks_at_what_is_idle_in_whole_cores():
    line = "CPUTot=8 CPUAlloc=5 ThreadsPerCore=2 RealMemory=32000 AllocMem=16000"
    for ranges, fits in (
        ({"cores": 2000, "memory": GIB}, True),
        ({"cores": 3000, "memory": GIB}, False),
        ({"cores": 1000, "memory": 16000 * MIB}, True),
        ({"cores": 1000, "memory": 16001 * MIB}, False),
    ):
        on, asked = one_node(line, **ranges)
        found = room(asked, on.partitions[0], on.nodes, on.settings)
        assert bool(found) == fits, ranges


def test_a_job_without_any_default_takes_all_memory_of_its_node():
    on, asked = one_node("CPUTot=8 CPUAlloc=1 RealMemory=32000 AllocMem=1", cores=1000)
    assert not room(asked, on.partitions[0], on.nodes, on.settings)


def test_an_exclusive_partition_wants_empty_nodes():
    line = "CPUTot=8 CPUAlloc=1 RealMemory=32000"
    on, asked = one_node(line, "OverSubscribe=EXCLUSIVE", cores=1000, memory=GIB)
    found = room(asked, on.partitions[0], on.nodes, on.settings)
    assert found.counts == "0 of 1 node: 1 not empty"


def test_gpus_in_use_are_not_idle():
    line = "CPUTot=8 RealMemory=32000 Gres=gpu:a100:2 GresUsed=gpu:a100:1(IDX:0)"
    on, asked = one_node(line, gpus=2, memory=GIB)
    assert check_fit(on, asked)
    found = room(asked, on.partitions[0], on.nodes, on.settings)
    assert found.counts == "0 of 1 node: 1 too few idle GPUs"
