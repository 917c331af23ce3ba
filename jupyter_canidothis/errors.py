"""Every exception this package raises.

::

    CanIDoThisError              code, message, hint, http_status
    ├── RequestError             400  names the field, what was given, what is accepted
    ├── RequestTooLarge          413
    ├── PermissionDenied         403  the administrator of this server forbids it
    ├── NotebookError            422  not found, unreadable, not a notebook
    ├── ConfigurationError       500  names the platform entry and the key
    │   └── EntryRefused         400  the entry is the caller's own
    └── PlatformError            502  never leaves the planner: becomes CANNOT_TELL
        ├── PlatformUnreachable       refused, no route, TLS failure, no such command
        │   └── PlatformRateLimited   429: it was asked too often
        ├── PlatformTimeout           silent until the deadline
        ├── PlatformNotAuthenticated  401: it wants a login
        ├── PlatformNotAuthorised     403: it knows us and says no
        ├── PlatformProtocolError     it answered, but not in its own protocol
        └── PlatformMisconfigured     the user's own settings for it cannot be used

A NO is data (`jupyter_canidothis.answer.Reason`), never an exception.
Messages are safe to show: no secret, no raw body, no traceback.
"""

from __future__ import annotations

from typing import ClassVar, Final

__all__ = [
    "CanIDoThisError",
    "ConfigurationError",
    "EntryRefused",
    "NotebookError",
    "PermissionDenied",
    "PlatformError",
    "PlatformMisconfigured",
    "PlatformNotAuthenticated",
    "PlatformNotAuthorised",
    "PlatformProtocolError",
    "PlatformRateLimited",
    "PlatformTimeout",
    "PlatformUnreachable",
    "RequestError",
    "RequestTooLarge",
]


_SHOWN: Final = 80
"""Most characters of a wrong value that an error repeats."""


class CanIDoThisError(Exception):
    """Root of the tree.

    Parameters
    ----------
    message
        What happened, to what; safe to show to any user.
    hint
        What the reader can do next, or empty.
    """

    code: ClassVar[str] = "error"
    http_status: ClassVar[int] = 500

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class RequestError(CanIDoThisError):
    """A request that cannot be understood.

    Parameters
    ----------
    field
        The field that is wrong, in the spelling of the request.
    given
        What was given, shortened for the message.
    accepted
        What would be accepted there.
    """

    code = "invalid-request"
    http_status = 400

    def __init__(self, field: str, given: object, accepted: str) -> None:
        shown = repr(given)
        if len(shown) > _SHOWN:
            shown = shown[: _SHOWN - 1] + "…"
        super().__init__(f"{field}: {shown} is not accepted; expected {accepted}")
        self.field = field
        self.given = shown
        self.accepted = accepted


class RequestTooLarge(CanIDoThisError):
    """A request body above the size cap."""

    code = "request-too-large"
    http_status = 413


class PermissionDenied(CanIDoThisError):
    """Something that the administrator of this server lets nobody do."""

    code = "not-authorised"
    http_status = 403


class NotebookError(CanIDoThisError):
    """A notebook that cannot be read or described."""

    code = "notebook-unreadable"
    http_status = 422


class ConfigurationError(CanIDoThisError):
    """A configuration entry that cannot be used; the other entries still work."""

    code = "configuration"
    http_status = 500


class EntryRefused(ConfigurationError):
    """A platform entry that somebody wants to add, and that could not be asked."""

    http_status = 400


class PlatformError(CanIDoThisError):
    """A platform that could not be asked; the planner turns it into CANNOT_TELL."""

    code = "unreachable"
    http_status = 502


class PlatformUnreachable(PlatformError):
    """The connection was refused, reset or failed TLS, or a command is missing."""

    code = "unreachable"


class PlatformRateLimited(PlatformUnreachable):
    """It was asked too often, by this or another asker, and answers later again."""

    code = "rate-limited"


class PlatformTimeout(PlatformError):
    """Nothing came before the deadline."""

    code = "timed-out"


class PlatformNotAuthenticated(PlatformError):
    """The platform wants a login (HTTP 401 and its relatives)."""

    code = "not-authenticated"


class PlatformNotAuthorised(PlatformError):
    """The platform knows the asker and refuses to answer (HTTP 403)."""

    code = "not-authorised"


class PlatformProtocolError(PlatformError):
    """The answer is not in the platform's own protocol: HTML, truncated, too large."""

    code = "bad-answer"


class PlatformMisconfigured(PlatformError):
    """What the user's own settings say of the platform cannot be used, e.g. a kubeconfig."""

    code = "misconfigured"
