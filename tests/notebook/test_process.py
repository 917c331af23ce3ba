import os
import subprocess
import sys

from jupyter_canidothis.notebook.gpu import gpu_memory
from jupyter_canidothis.notebook.process import read_process

CHILD = (
    "import sys; x = bytearray(60_000_000); del x; print('ready', flush=True); sys.stdin.read()"
)


def test_the_peak_stays_after_the_memory_is_given_back():
    with subprocess.Popen(
        [sys.executable, "-c", CHILD], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        child.stdout.readline()
        found = read_process(child.pid)
        child.stdin.close()
    assert found.peak > 60_000_000
    assert found.peak > found.memory > 0
    assert found.processes == 1


def test_children_count():
    with subprocess.Popen(
        [sys.executable, "-c", CHILD], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        child.stdout.readline()
        found = read_process(os.getpid())
        child.stdin.close()
    assert found.processes >= 2
    assert found.peak > 60_000_000


def test_a_file_held_open_is_seen(tmp_path):
    with (tmp_path / "a.h5").open("w"):
        assert str(tmp_path / "a.h5") in read_process(os.getpid()).files


def test_a_process_that_is_not_there_is_none():
    assert read_process(2**22 + 1) is None
    assert read_process(-1) is None


def test_a_machine_without_a_driver_cannot_tell_gpu_memory(monkeypatch):
    import pynvml

    def missing():
        raise pynvml.NVMLError(pynvml.NVML_ERROR_LIBRARY_NOT_FOUND)

    monkeypatch.setattr(pynvml, "nvmlInit", missing)
    assert gpu_memory({1}) is None


def test_memory_on_gpus_is_that_of_the_kernels_own_processes(monkeypatch):
    from types import SimpleNamespace as Found

    import pynvml

    running = [Found(pid=1, usedGpuMemory=100), Found(pid=2, usedGpuMemory=50)]
    monkeypatch.setattr(pynvml, "nvmlInit", lambda: None)
    monkeypatch.setattr(pynvml, "nvmlShutdown", lambda: None)
    monkeypatch.setattr(pynvml, "nvmlDeviceGetCount", lambda: 2)
    monkeypatch.setattr(pynvml, "nvmlDeviceGetHandleByIndex", lambda index: index)
    monkeypatch.setattr(pynvml, "nvmlDeviceGetComputeRunningProcesses", lambda _: running)
    assert gpu_memory({1, 3}) == 200
