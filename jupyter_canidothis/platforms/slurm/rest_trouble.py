"""What slurmrestd's errors mean."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, Final

import msgspec

from ...errors import (
    PlatformNotAuthenticated,
    PlatformNotAuthorised,
    PlatformProtocolError,
    PlatformUnreachable,
)
from ...evidence import trim
from ...transport import Response

__all__ = ["raise_for_trouble"]

_AUTHENTICATION: Final = frozenset({1007, 5005})
"""``SLURM_PROTOCOL_AUTHENTICATION_ERROR``, ``ESLURM_AUTH_CRED_INVALID`` (slurm_errno.h)."""
_DENIED: Final = frozenset({2002})
"""``ESLURM_ACCESS_DENIED``."""
_SILENT: Final = frozenset({1800, 1801, 5004})
"""The controller cannot be reached, or did not answer in time."""
_UNSPECIFIED: Final = -1
_AGAIN: Final = "make a new token with: scontrol token lifespan=86400"


class _Body(msgspec.Struct):
    errors: list[dict[str, Any]] = []


def raise_for_trouble(response: Response) -> None:
    """Raise unless slurmrestd answered what it was asked.

    Raises
    ------
    PlatformError
        Of the kind that fits.
    """
    if response.status == HTTPStatus.UNAUTHORIZED:
        raise PlatformNotAuthenticated(
            f"{response.url}: slurmrestd accepts neither our token nor our user name",
            hint=f"configure token_env or token_file; {_AGAIN}",
        )
    found = list(_errors(response))
    numbers = {number for number, _ in found}
    said = "; ".join(dict.fromkeys(words for _, words in found))
    if numbers & _AUTHENTICATION:
        raise PlatformNotAuthenticated(
            f"the Slurm controller does not accept our token: {said}", hint=_AGAIN
        )
    if numbers & _DENIED:
        raise PlatformNotAuthorised(f"Slurm does not show {response.url} to you: {said}")
    if numbers & _SILENT:
        raise PlatformUnreachable(
            f"slurmrestd answers, but the Slurm controller does not: {said}",
            hint="try again later",
        )
    if _UNSPECIFIED in numbers:
        raise PlatformUnreachable(
            "slurmrestd cannot ask its controller: that is down, or does not accept our token;"
            " this version does not say which",
            hint=_AGAIN,
        )
    response.require_ok()
    if numbers:
        raise PlatformProtocolError(f"{response.url} answered an error: {said}")


def _errors(response: Response) -> Iterator[tuple[int, str]]:
    """Yield number and words of each error in the body; 22.05 spells the keys otherwise."""
    try:
        errors = msgspec.json.decode(response.body, type=_Body).errors
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return
    for error in errors:
        number = next(
            (error[key] for key in ("error_number", "error_code", "errno") if key in error), 0
        )
        words = trim(str(error.get("error") or error.get("description") or "no words"), 200)
        yield number if isinstance(number, int) else 0, words
