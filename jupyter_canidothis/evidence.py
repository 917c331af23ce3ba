"""Where a sentence comes from: the noun behind every need, reason and offer."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

__all__ = ["RAW_LIMIT", "Evidence", "How", "trim"]

How = Literal[
    "dry-run",
    "live-read",
    "declared",
    "arithmetic",
    "kernel",
    "static",
    "inferred",
    "default",
]
"""How a fact was learned.

``dry-run`` the platform judged this very task without running it; ``live-read``
read from the platform just now; ``declared`` written down by a person;
``arithmetic`` computed from other evidence; ``kernel`` seen in the live kernel;
``static`` read in the notebook's text; ``inferred`` concluded from a pattern;
``default`` nobody said anything, this is where we start.
"""

RAW_LIMIT: Final = 4096
"""Largest raw text kept with one piece of evidence, in characters."""


def trim(text: str, limit: int = RAW_LIMIT) -> str:
    """Shorten foreign text and drop the characters that can disguise it.

    Control characters (new lines and tabs excepted), bidirectional overrides
    and lone surrogates are replaced by U+FFFD, so that the text shows as it is.
    """
    kept = text[:limit]
    clean = "".join("\N{REPLACEMENT CHARACTER}" if _disguises(c) else c for c in kept)
    return clean if len(text) <= limit else clean[:-1] + "…"


def _disguises(char: str) -> bool:
    point = ord(char)
    return (
        (point < 0x20 and char not in "\n\t")
        or 0x7F <= point <= 0x9F
        or point in (0x061C, 0x200E, 0x200F, 0x2028, 0x2029)
        or 0x202A <= point <= 0x202E
        or 0x2066 <= point <= 0x2069
        or 0xD800 <= point <= 0xDFFF
    )


class Evidence(msgspec.Struct, frozen=True, omit_defaults=True):
    """One source of one or more sentences."""

    how: How
    """How it was learned."""
    source: str
    """The exact command, URL path, file or notebook cell; never a secret."""
    text: str = ""
    """What the source said, trimmed to `RAW_LIMIT` characters."""
    at: int = 0
    """When it was learned, in seconds since the Unix epoch; 0 when time does not matter."""
