"""NVIDIA GPUs that a process on this machine can use, by NVML."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from ...evidence import Evidence, trim
from ...resources import Gpu
from .readings import Place

__all__ = ["Device", "Gpus", "matching", "read_gpus"]


class Device(NamedTuple):
    """One GPU."""

    number: int
    """Its number for NVML, which is the one of ``nvidia-smi``."""
    uuid: str
    """Its name that never changes, ``GPU-...``."""
    model: str
    """Product name."""
    memory: int
    """All of its memory, in bytes."""
    free: int
    """Its memory that is free now, in bytes."""
    busy: bool
    """Whether another process computes on it now."""


class Gpus(NamedTuple):
    """What was found."""

    devices: tuple[Device, ...] | None
    """The usable GPUs; None when nobody can tell."""
    evidence: Evidence
    """How that is known."""


def read_gpus(place: Place, visible: str | None, own: frozenset[int], at: int) -> Gpus:
    """Read the GPUs that a process may use.

    Parameters
    ----------
    place
        Where ``/sys`` is.
    visible
        The process's ``CUDA_VISIBLE_DEVICES``; None when unset.
    own
        Processes that are the asker's own, and so keep no GPU busy.
    at
        The time, for the evidence.
    """
    try:
        import pynvml as nvml
    except ImportError:
        source, text = "import pynvml", "nvidia-ml-py is not installed"
        return Gpus(None, Evidence("live-read", source, text, at))
    try:
        nvml.nvmlInit()
    except nvml.NVMLError as error:
        return _without_driver(place, nvml, error, at)
    try:
        count = nvml.nvmlDeviceGetCount()
        devices = tuple(_device(nvml, index, own) for index in range(count))
    except nvml.NVMLError as error:
        return Gpus(None, Evidence("live-read", "NVML", trim(str(error)), at))
    finally:
        nvml.nvmlShutdown()
    usable = _masked(devices, visible)
    text = f"CUDA_VISIBLE_DEVICES={visible}; " if visible is not None else ""
    text += ", ".join(device.model for device in usable) or "no usable GPU"
    return Gpus(usable, Evidence("live-read", "NVML", trim(text), at))


def _without_driver(place: Place, nvml: Any, error: Exception, at: int) -> Gpus:
    missing = (nvml.NVMLError_LibraryNotFound, nvml.NVMLError_DriverNotLoaded)
    if not isinstance(error, missing):
        return Gpus(None, Evidence("live-read", "NVML", trim(str(error)), at))
    # The compute driver of AMD; what its GPUs are is not read here.
    source = "/sys/class/kfd"
    if place.at(source).exists():
        return Gpus(None, Evidence("live-read", source, "an AMD compute driver is loaded", at))
    return Gpus((), Evidence("live-read", "NVML", "no NVIDIA driver", at))


def _device(nvml: Any, index: int, own: frozenset[int]) -> Device:
    handle = nvml.nvmlDeviceGetHandleByIndex(index)
    memory = nvml.nvmlDeviceGetMemoryInfo(handle)
    try:
        running = nvml.nvmlDeviceGetComputeRunningProcesses(handle)
    except nvml.NVMLError:
        running = []
    busy = any(process.pid not in own for process in running)
    uuid, name = nvml.nvmlDeviceGetUUID(handle), nvml.nvmlDeviceGetName(handle)
    return Device(index, uuid, name, memory.total, memory.free, busy)


def _masked(devices: Sequence[Device], visible: str | None) -> tuple[Device, ...]:
    """Return the devices that ``CUDA_VISIBLE_DEVICES`` leaves.

    CUDA C++ Programming Guide, "CUDA Environment Variables": numbers or the start of
    a UUID; the list ends at the first entry that names no device.
    """
    if visible is None:
        return tuple(devices)
    usable: list[Device] = []
    for word in (part.strip() for part in visible.split(",")):
        named = [
            device
            for device in devices
            if str(device.number) == word
            or (word[:4] == "GPU-" and device.uuid.startswith(word))
        ]
        if len(named) != 1:
            break
        usable += named
    return tuple(usable)


def matching(devices: Sequence[Device], wanted: Gpu | None) -> list[Device]:
    """Return the devices that are what a task asks for."""
    if wanted is None:
        return list(devices)
    return [
        device
        for device in devices
        if (wanted.vendor or "nvidia").lower() == "nvidia"
        and (wanted.model or "").lower() in device.model.lower()
        and (wanted.memory or 0) <= device.memory
    ]
