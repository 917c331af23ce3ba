"""The Jupyter kernels of this machine, and which of them would run a notebook."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from string import Template
from typing import Any, Final, NamedTuple

import msgspec

from ...answer import Change, Edit, Reason
from ...evidence import trim
from ...task import Executable

__all__ = ["Interpreter", "Kernel", "candidates", "others", "read_kernels", "refusal"]

_SHOWN: Final = 10
"""Most kernels listed in one sentence."""
_PYTHON: Final = re.compile(r"(?:pypy|python)[\d.]*(?:\.exe)?")
_NATIVE: Final = "python3"
"""The kernel that Jupyter starts where nothing else is asked for."""


class Interpreter(NamedTuple):
    """How a kernel starts Python; equal ones import the same."""

    argv: tuple[str, ...]
    """Program and the options before the module it runs."""
    env: tuple[tuple[str, str], ...] = ()
    """Variables that the kernel spec sets."""

    @property
    def ours(self) -> bool:
        """Whether it imports what this very process does."""
        return self.argv == (sys.executable,) and not self.env


class Kernel(msgspec.Struct, frozen=True):
    """One installed kernel spec."""

    name: str
    """As Jupyter compares names: lower case."""
    language: str
    """Lower case."""
    argv: tuple[str, ...] = ()
    """What starts it."""
    env: tuple[tuple[str, str], ...] = ()
    """Variables that its spec sets, templates not yet filled in."""

    def interpreter(self, environ: Mapping[str, str]) -> Interpreter | None:
        """Return the Python that it starts, or None when it is hidden or another language.

        jupyter_client replaces a literal ``python``, ``python3`` or ``python3.N`` by the
        interpreter it runs in itself (``KernelManager.format_kernel_cmd``), and fills
        ``${NAME}`` in the variables of a spec. A second Python on the command line is a
        runner that starts the kernel elsewhere.
        """
        if self.language != "python" or not self.argv:
            return None
        program, *rest = self.argv
        if any(_PYTHON.fullmatch(Path(word).name) for word in rest):
            return None
        major, minor = sys.version_info[:2]
        if program in ("python", f"python{major}", f"python{major}.{minor}"):
            found: str | None = sys.executable
        else:
            found = shutil.which(program) if _PYTHON.fullmatch(Path(program).name) else None
        if found is None:
            return None
        options = rest[: rest.index("-m")] if "-m" in rest else []
        env = ((name, Template(value).safe_substitute(environ)) for name, value in self.env)
        return Interpreter((found, *options), tuple(env))


class _Spec(msgspec.Struct):
    argv: tuple[str, ...] = ()
    language: str = ""
    env: dict[str, str] = {}


def read_kernels(specs: Mapping[str, Any]) -> tuple[Kernel, ...]:
    """Read what a kernel spec manager tells; a broken spec harms no other.

    Parameters
    ----------
    specs
        By name, in the form of ``get_all_specs`` of jupyter_client.
    """
    kernels = []
    for name, one in specs.items():
        try:
            spec = msgspec.convert(one["spec"], _Spec)
        except (msgspec.ValidationError, KeyError, TypeError):
            continue
        kernels.append(
            Kernel(
                trim(name, 200).lower(),
                trim(spec.language, 40).lower(),
                spec.argv,
                tuple(sorted(spec.env.items())),
            )
        )
    return tuple(sorted(kernels, key=lambda kernel: (kernel.name != _NATIVE, kernel.name)))


def candidates(executable: Executable, kernels: Sequence[Kernel]) -> tuple[Kernel, ...]:
    """Return the kernels that would run a notebook: the one it names, or its language's."""
    if executable.kernel:
        name = executable.kernel.lower()
        return tuple(kernel for kernel in kernels if kernel.name == name)
    languages = _languages(executable) or {"python"}
    return tuple(kernel for kernel in kernels if kernel.language in languages)


def refusal(executable: Executable, kernels: Sequence[Kernel], place: int) -> Reason | None:
    """Say that no kernel would run a notebook, as nbclient says ``NoSuchKernel``.

    Parameters
    ----------
    executable
        The notebook.
    kernels
        What is installed.
    place
        Index of their evidence.
    """
    languages = _languages(executable)
    if not (executable.kernel or languages) or candidates(executable, kernels):
        return None
    known = ", ".join(f"{one.name} ({one.language})" for one in kernels[:_SHOWN])
    known += ", ..." if len(kernels) > _SHOWN else ""
    if executable.kernel:
        field, asked = "/executable/kernel", trim(executable.kernel, 200)
        words = f"Kernel {asked} is not installed"
    else:
        field, asked = "/executable/languages", ", ".join(sorted(languages))
        words = f"No kernel for {asked} is installed"
    return Reason(
        "software-missing",
        f"{words}; installed: {known or 'none'}",
        field,
        asked,
        known,
        scope="machine",
        evidence=(place,),
    )


def others(executable: Executable, kernels: Sequence[Kernel]) -> tuple[Change, ...]:
    """Return the changes of a named kernel to another one of the same language."""
    name = executable.kernel
    if not name:
        return ()
    languages = _languages(executable) or {
        kernel.language for kernel in candidates(executable, kernels)
    }
    return tuple(
        Change(
            (Edit("/executable/kernel", name, kernel.name),),
            f"Kernel {trim(name, 100)} → {kernel.name}",
        )
        for kernel in kernels
        if kernel.language in languages and kernel.name != name.lower()
    )


def _languages(executable: Executable) -> frozenset[str]:
    return frozenset(trim(one, 40).lower() for one in executable.languages if one)
