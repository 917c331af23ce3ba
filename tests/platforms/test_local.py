"""This machine, read from trees of files as real kernels write them."""

import sys
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest
from contract import PlatformContract, check

from jupyter_canidothis.answer import Verdict
from jupyter_canidothis.command import Completed
from jupyter_canidothis.errors import PlatformUnreachable
from jupyter_canidothis.platforms.base import Ask, Edges
from jupyter_canidothis.platforms.local import Local, LocalConfig
from jupyter_canidothis.resources import Gpu, Range, Resources
from jupyter_canidothis.task import Executable, Task
from jupyter_canidothis.units import GIB

NOW = 1_795_000_000
RECORDED = Path(__file__).parents[1] / "recorded" / "local" / "cgroup-v1-limited.txt"
MIB = 2**20

V1_MOUNTS = """\
32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu
34 31 0:31 / /sys/fs/cgroup/cpuset rw,relatime - cgroup cgroup rw,cpuset
35 31 0:32 / /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup rw,memory
"""
V2_MOUNTS = "31 23 0:28 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n"

MACHINE = {
    "proc/meminfo": "MemTotal:       16777216 kB\nMemFree: 1 kB\nMemAvailable:   12582912 kB",
    "sys/devices/system/cpu/online": "0-7",
    "proc/self/status": "Name:\tpython\nCpus_allowed:\tff\nCpus_allowed_list:\t0-7",
    "proc/self/limits": "Max address space         unlimited            unlimited            bytes",
}
"""A machine of 16 GiB, of which 12 are available, and 8 processors."""


@pytest.fixture(autouse=True)
def no_driver(monkeypatch):
    """Hide the GPUs of the machine that runs the tests."""
    monkeypatch.setitem(sys.modules, "pynvml", nvml(error="LibraryNotFound"))


async def no_kernels():
    """What a machine without any kernel tells."""
    return {}


@pytest.fixture
def machine(tmp_path):
    """Make a platform on a tree of files."""

    def make(files=(), environ=(), command=None, **config):
        for path, text in {**MACHINE, **dict(files)}.items():
            file = tmp_path / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        return Local(
            LocalConfig(kind="local", directory=str(tmp_path), **config),
            Edges(clock=lambda: NOW, command=command, kernel_specs=no_kernels),
            root=tmp_path,
            environ=dict(environ),
        )

    return make


def task(kind="jupyter-notebook", **resources):
    return Task(executable=Executable(type=f"uri://{kind}"), resources=Resources(**resources))


async def ask(platform, wanted):
    snapshot = await platform.snapshot(Ask())
    return check(await platform.ask(wanted, snapshot, Ask()), platform)


async def limits(platform, *, free=False):
    """The binding amount of each dimension, with its scope and source."""
    snapshot = await platform.snapshot(Ask())
    binding = {}
    for reading in snapshot.content.readings:
        if reading.free <= free:
            known = binding.get(reading.dimension, reading)
            binding[reading.dimension] = min(known, reading, key=lambda one: one.amount)
    return {name: (one.amount, one.scope, one.source) for name, one in binding.items()}


V1 = {"proc/self/mountinfo": V1_MOUNTS, "proc/self/cgroup": "4:memory:/a/b\n1:cpu:/\n0::/"}
V2 = {"proc/self/mountinfo": V2_MOUNTS, "proc/self/cgroup": "0::/user.slice/app.scope"}
APP = "sys/fs/cgroup/user.slice/app.scope"


class TestContract(PlatformContract):
    @pytest.fixture
    def platform(self, machine):
        return machine({**V2, f"{APP}/memory.max": str(4 * GIB)})

    @pytest.fixture
    def accepted(self):
        return task(memory=Range(GIB, 2 * GIB), cores=Range(1000))

    @pytest.fixture
    def refused(self):
        return task(memory=Range(8 * GIB), cores=Range(64000), gpus=Range(1))


async def test_a_recorded_version_1_group_binds_where_the_machine_would_not(machine):
    group, limit, quota, period = recorded()
    platform = machine(
        {
            "proc/self/mountinfo": V1_MOUNTS,
            "proc/self/cgroup": group,
            "sys/fs/cgroup/memory/canido/memory.limit_in_bytes": limit,
            "sys/fs/cgroup/cpu/canido/cpu.cfs_quota_us": quota,
            "sys/fs/cgroup/cpu/canido/cpu.cfs_period_us": period,
        }
    )
    bounds = await limits(platform)
    assert bounds["memory"] == (
        512 * MIB,
        "cgroup /canido",
        "/sys/fs/cgroup/memory/canido/memory.limit_in_bytes",
    )
    assert bounds["cores"] == (
        500,
        "cgroup /canido",
        "/sys/fs/cgroup/cpu/canido/cpu.cfs_quota_us",
    )


def recorded():
    """The group lines, memory limit, quota and period of a real limited process."""
    lines = RECORDED.read_text().splitlines()
    groups = "\n".join(line for line in lines if line.count(":") == 2)
    numbers = [line for line in lines if line.isdigit()]
    return groups, *numbers


async def test_the_least_limit_of_all_version_2_ancestors_binds(machine):
    platform = machine(
        {
            **V2,
            f"{APP}/memory.max": "max",
            f"{APP}/memory.high": str(3 * GIB),
            f"{APP}/cpu.max": "max 100000",
            f"{APP}/cpuset.cpus.effective": "0,2-4",
            "sys/fs/cgroup/user.slice/memory.max": str(2 * GIB),
            "sys/fs/cgroup/user.slice/cpu.max": "150000 100000",
        }
    )
    bounds = await limits(platform)
    assert bounds["memory"] == (
        2 * GIB,
        "cgroup /user.slice",
        "/sys/fs/cgroup/user.slice/memory.max",
    )
    assert bounds["cores"][:2] == (1500, "cgroup /user.slice")


async def test_memory_high_binds_because_the_kernel_throttles_above_it(machine):
    platform = machine({**V2, f"{APP}/memory.max": "max", f"{APP}/memory.high": str(GIB)})
    assert (await limits(platform))["memory"][0] == GIB


async def test_a_hybrid_host_is_decided_for_each_controller(machine):
    platform = machine(
        {
            "proc/self/mountinfo": V1_MOUNTS.splitlines()[2]
            + "\n41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw",
            "proc/self/cgroup": "4:memory:/old\n0::/new",
            "sys/fs/cgroup/memory/old/memory.limit_in_bytes": str(GIB),
            "sys/fs/cgroup/unified/new/cpu.max": "200000 100000",
            "sys/fs/cgroup/unified/new/memory.max": str(MIB),
        }
    )
    bounds = await limits(platform)
    assert bounds["memory"][:2] == (GIB, "cgroup /old")
    assert bounds["cores"][:2] == (2000, "cgroup /new")


@pytest.mark.parametrize("unlimited", ["9223372036854771712", "9223372036854710272"])
async def test_a_version_1_limit_of_no_limit_leaves_the_machine_s_own(machine, unlimited):
    files = {
        **V1,
        "sys/fs/cgroup/memory/a/b/memory.limit_in_bytes": unlimited,
        "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1",
        "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000",
    }
    bounds = await limits(machine(files))
    assert bounds["memory"] == (16 * GIB, "machine", "/proc/meminfo")
    assert bounds["cores"][0] == 8000


async def test_free_memory_counts_idle_file_pages_of_each_group(machine):
    group = "sys/fs/cgroup/memory/a/b"
    platform = machine(
        {
            **V1,
            f"{group}/memory.limit_in_bytes": str(4 * GIB),
            f"{group}/memory.usage_in_bytes": str(3 * GIB),
            f"{group}/memory.stat": f"cache 9\ntotal_inactive_file {GIB}\ntotal_active_file 5",
        }
    )
    free = await limits(platform, free=True)
    assert free["memory"] == (
        2 * GIB,
        "cgroup /a/b",
        "/sys/fs/cgroup/memory/a/b/memory.usage_in_bytes",
    )


async def test_version_2_usage_bounds_what_is_free(machine):
    platform = machine(
        {
            **V2,
            f"{APP}/memory.max": str(4 * GIB),
            f"{APP}/memory.current": str(3 * GIB),
            f"{APP}/memory.stat": f"anon 1\ninactive_file {GIB}",
        }
    )
    assert (await limits(platform, free=True))["memory"][0] == 2 * GIB


@pytest.mark.parametrize(
    ("root", "path"), [("/docker/abc", "/docker/abc"), ("/", "/docker/abc"), ("/", "/../x")]
)
async def test_a_container_finds_its_limit_at_its_mount_point(machine, root, path):
    mounts = f"35 31 0:32 {root} /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory"
    platform = machine(
        {
            "proc/self/mountinfo": mounts,
            "proc/self/cgroup": f"4:memory:{path}",
            "sys/fs/cgroup/memory/memory.limit_in_bytes": str(GIB),
        }
    )
    assert (await limits(platform))["memory"][:2] == (GIB, "cgroup /")


async def test_affinity_and_address_space_bind_the_process(machine):
    platform = machine(
        {
            "proc/self/status": "Cpus_allowed_list:\t0-2",
            "proc/self/limits": f"Max address space         {2 * GIB}           unlimited     bytes",
        }
    )
    bounds = await limits(platform)
    assert bounds["cores"] == (3000, "affinity", "/proc/self/status")
    assert bounds["memory"] == (2 * GIB, "address space limit", "/proc/self/limits")


async def test_another_process_is_read_by_its_own_files(machine):
    platform = machine(
        {
            **V1,
            "proc/77/cgroup": "4:memory:/kernel",
            "sys/fs/cgroup/memory/kernel/memory.limit_in_bytes": str(GIB),
        },
        pid=77,
    )
    assert (await limits(platform))["memory"][:2] == (GIB, "cgroup /kernel")


async def test_a_process_that_is_gone_cannot_be_asked(machine):
    with pytest.raises(PlatformUnreachable, match="no process 77"):
        await machine(pid=77).snapshot(Ask())


async def test_a_reason_names_what_sets_the_limit_and_the_file_it_was_read_from(machine):
    platform = machine({**V2, f"{APP}/memory.max": str(GIB)})
    answer = await ask(platform, task(memory=Range(2 * GIB)))
    (reason,) = answer.reasons
    assert reason.message == "Memory 2 GiB is above the limit of 1 GiB"
    assert reason.scope == "cgroup /user.slice/app.scope"
    assert answer.evidence[reason.evidence[0]].source == f"/{APP}/memory.max"


async def test_what_fits_but_is_taken_now_is_a_yes_that_is_not_now(machine):
    answer = await ask(machine(), task(memory=Range(14 * GIB)))
    assert (answer.verdict, answer.now) == (Verdict.YES, Verdict.NO)
    (reason,) = answer.reasons
    assert reason.code == "full-now"
    assert reason.message == "Memory 14 GiB is above what is free now: 12 GiB"
    assert (reason.limit, reason.used) == (16 * GIB, 4 * GIB)
    assert answer.offers[0].start is None


async def test_what_has_no_room_now_cannot_promise_a_start(machine):
    wanted = task(memory=Range(14 * GIB), startup=Range(None, 60))
    answer = await ask(machine(), wanted)
    assert (answer.verdict, answer.now) == (Verdict.CANNOT_TELL, Verdict.NO)
    first, second = answer.reasons
    assert (first.code, first.field) == ("not-published", "/resources/startup/max")
    assert first.message == "Nobody knows when there will be room here: the task accepts 1 min"
    assert second.code == "full-now"
    at_once = await ask(machine(), task(memory=Range(GIB), startup=Range(None, 60)))
    assert at_once.verdict is Verdict.YES


async def test_where_there_is_room_it_starts_at_once(machine):
    (offer,) = (await ask(machine(), task(memory=Range(GIB), cores=Range(2000)))).offers
    assert (offer.start.earliest, offer.start.latest) == (0, 0)
    assert offer.resources.cores == Range(2000, 8000)
    assert offer.service_type == "uri://jupyter-server"


async def test_a_task_for_two_hosts_does_not_fit_one(machine):
    answer = await ask(machine(), task(nodes=Range(2)))
    assert [reason.field for reason in answer.reasons] == ["/resources/nodes/min"]


async def test_batch_scripts_run_and_containers_do_not(machine):
    assert (await ask(machine(), task("batch-script"))).verdict is Verdict.YES
    answer = await ask(machine(), task("docker-container"))
    assert [reason.code for reason in answer.reasons] == ["kind-unsupported"]
    assert answer.evidence[answer.reasons[0].evidence[0]].source == "the local adapter"


async def test_a_hub_s_limits_bind(machine):
    platform = machine(environ={"CPU_LIMIT": "1.0", "MEM_LIMIT": "1073741824"})
    bounds = await limits(platform)
    assert bounds["cores"] == (1000, "JupyterHub", "environment CPU_LIMIT")
    assert bounds["memory"] == (GIB, "JupyterHub", "environment MEM_LIMIT")


async def test_limits_of_the_environment_that_are_no_amounts_bind_nothing(machine):
    platform = machine(
        environ={"CPU_LIMIT": "many", "MEM_LIMIT": "", "SLURM_CPUS_ON_NODE": "1"}
    )
    bounds = await limits(platform)
    assert (bounds["cores"][0], bounds["memory"][0]) == (8000, 16 * GIB)


class Squeue:
    """A command that answers like ``squeue`` and remembers how it was asked."""

    def __init__(self, left):
        self.left = left
        self.asked = []

    async def run(self, argv, **_):
        self.asked.append(argv)
        if self.left is None:
            raise PlatformUnreachable("cannot run squeue")
        return Completed(tuple(argv), 0, self.left + "\n", "", 5)


JOB = {"SLURM_JOB_ID": "12", "SLURM_CPUS_ON_NODE": "4", "SLURM_MEM_PER_NODE": "2048"}


async def test_a_slurm_job_s_share_binds_inside_it(machine):
    squeue = Squeue("1:30:00")
    bounds = await limits(machine(environ=JOB, command=squeue))
    assert bounds["cores"] == (4000, "Slurm job 12", "environment SLURM_CPUS_ON_NODE")
    assert bounds["memory"] == (2 * GIB, "Slurm job 12", "environment SLURM_MEM_PER_NODE")
    assert bounds["duration"] == (5400, "Slurm job 12", "squeue -h -j 12 -o %L")
    assert squeue.asked == [("squeue", "-h", "-j", "12", "-o", "%L")]


async def test_a_slurm_job_with_memory_per_processor_has_their_product(machine):
    job = {"SLURM_JOB_ID": "12", "SLURM_CPUS_ON_NODE": "4", "SLURM_MEM_PER_CPU": "512"}
    bounds = await limits(machine(environ=job, command=Squeue("UNLIMITED")))
    assert bounds["memory"][0] == 2 * GIB
    assert "duration" not in bounds


async def test_the_end_of_the_job_is_taken_from_its_environment_where_it_is(machine):
    squeue = Squeue(None)
    environ = {**JOB, "SLURM_JOB_END_TIME": str(NOW + 600), "SLURM_MEM_PER_NODE": "0"}
    bounds = await limits(machine(environ=environ, command=squeue))
    assert bounds["duration"][0] == 600
    assert bounds["memory"][0] == 16 * GIB
    assert squeue.asked == []


@pytest.mark.parametrize("left", [None, "UNLIMITED", "NOT_SET", "INVALID", ""])
async def test_a_job_without_a_known_end_bounds_no_duration(machine, left):
    assert "duration" not in await limits(machine(environ=JOB, command=Squeue(left)))


async def test_without_proc_the_figures_come_from_psutil(tmp_path):
    empty = tmp_path / "nothing"
    platform = Local(LocalConfig(kind="local"), root=empty, environ={})
    assert (await limits(platform))["memory"][2] == "psutil.virtual_memory()"


def nvml(*gpus, error=""):
    """A stand-in for the NVML library; each GPU is ``(name, total, free, pids)``."""
    errors = {
        f"NVMLError_{name}": type(f"NVMLError_{name}", (RuntimeError,), {})
        for name in ("LibraryNotFound", "DriverNotLoaded", "Unknown")
    }
    failure = errors.get(f"NVMLError_{error}")

    def init():
        if failure:
            raise failure(f"NVML: {error}")

    return SimpleNamespace(
        **errors,
        NVMLError=RuntimeError,
        nvmlInit=init,
        nvmlShutdown=lambda: None,
        nvmlDeviceGetCount=lambda: len(gpus),
        nvmlDeviceGetHandleByIndex=lambda index: index,
        nvmlDeviceGetName=lambda index: gpus[index][0],
        nvmlDeviceGetUUID=lambda index: f"GPU-{index}{index}aa",
        nvmlDeviceGetMemoryInfo=lambda index: SimpleNamespace(
            total=gpus[index][1], free=gpus[index][2]
        ),
        nvmlDeviceGetComputeRunningProcesses=lambda index: [
            SimpleNamespace(pid=pid) for pid in gpus[index][3]
        ],
    )


A100 = ("NVIDIA A100-SXM4-80GB", 80 * GIB, 79 * GIB, ())
V100 = ("Tesla V100-SXM2-16GB", 16 * GIB, 16 * GIB, ())


@pytest.fixture
def gpus(monkeypatch):
    """Put a stand-in for NVML in place."""
    return lambda *found, error="": monkeypatch.setitem(
        sys.modules, "pynvml", nvml(*found, error=error)
    )


async def test_without_a_driver_there_are_no_gpus_and_that_is_said(machine):
    answer = await ask(machine(), task(gpus=Range(1)))
    (reason,) = answer.reasons
    assert reason.code == "no-such-resource"
    assert answer.evidence[reason.evidence[0]].text == "no NVIDIA driver"


@pytest.mark.parametrize("error", ["Unknown", ""])
async def test_gpus_that_cannot_be_read_refuse_nothing(machine, gpus, error, monkeypatch):
    if error:
        gpus(error=error)
    else:
        monkeypatch.setitem(sys.modules, "pynvml", None)
    assert (await ask(machine(), task(gpus=Range(1)))).verdict is Verdict.YES


async def test_an_amd_driver_leaves_the_gpus_unknown(machine):
    platform = machine({"sys/class/kfd/kfd/dev": "511:0"})
    assert (await ask(platform, task(gpus=Range(1)))).verdict is Verdict.YES


@pytest.mark.parametrize(
    ("visible", "count"),
    [
        (None, 3),
        ("", 0),
        ("-1", 0),
        ("0,2", 2),
        ("GPU-11aa", 1),
        ("1,7,2", 1),
        ("GPU-", 0),
        ("nonsense", 0),
    ],
)
async def test_the_mask_of_cuda_decides_which_gpus_count(machine, gpus, visible, count):
    gpus(A100, A100, V100)
    platform = machine(environ={} if visible is None else {"CUDA_VISIBLE_DEVICES": visible})
    assert len((await platform.snapshot(Ask())).content.devices) == count


async def test_gpus_are_counted_by_what_the_task_asks_of_each(machine, gpus):
    gpus(A100, A100, V100)
    a100 = Gpu(model="a100")
    assert (await ask(machine(), task(gpus=Range(3)))).verdict is Verdict.YES
    assert (await ask(machine(), task(gpus=Range(2), gpu=a100))).verdict is Verdict.YES
    answer = await ask(machine(), task(gpus=Range(3), gpu=a100))
    assert [(reason.field, reason.limit) for reason in answer.reasons] == [
        ("/resources/gpus/min", 2)
    ]


async def test_a_gpu_that_is_not_here_is_explained_and_another_proposed(machine, gpus):
    gpus(A100, V100)
    wanted = task(gpus=Range(1), gpu=Gpu(memory=141 * GIB))
    platform = machine()
    answer = await ask(platform, wanted)
    assert [reason.field for reason in answer.reasons] == ["/resources/gpu/memory"]
    changes = platform.nearest(wanted, await platform.snapshot(Ask()), Ask())
    assert changes[0].message == "GPU memory 141 GiB → 80 GiB"


@pytest.mark.parametrize(("pids", "now"), [((), "YES"), ((4242,), "NO")])
async def test_a_gpu_that_another_process_computes_on_is_full_now(machine, gpus, pids, now):
    gpus((*A100[:3], pids))
    answer = await ask(machine(), task(gpus=Range(1)))
    assert (answer.verdict.value, answer.now.value) == ("YES", now)


async def test_a_gpu_that_only_the_asking_kernel_uses_is_free(machine, gpus):
    gpus((*A100[:3], (77,)))
    platform = machine({"proc/77/status": "Cpus_allowed_list: 0"}, pid=77)
    assert (await ask(platform, task(gpus=Range(1)))).now is Verdict.YES


async def test_gpu_memory_that_is_taken_is_full_now(machine, gpus):
    gpus((A100[0], 80 * GIB, 10 * GIB, ()))
    answer = await ask(machine(), task(gpus=Range(1), gpu=Gpu(memory=40 * GIB)))
    assert (answer.verdict, answer.now) == (Verdict.YES, Verdict.NO)
    assert answer.reasons[0].message == "GPU memory 40 GiB is above what is free now: 10 GiB"


def test_this_machine_is_discovered_and_can_be_configured_so():
    (entry,) = Local.discover()
    platform = Local.configure(entry)
    assert (platform.kind, platform.name) == ("local", "this machine")
    assert msgspec.to_builtins(platform.config)["pid"] is None


async def test_a_container_image_is_not_what_this_machine_runs(machine):
    wanted = Task(Executable("uri://jupyter-notebook", image="docker.io/astro:1"))
    answer = await ask(machine(), wanted)

    assert answer.verdict is Verdict.NO
    assert [reason.code for reason in answer.reasons] == ["image-missing"]
