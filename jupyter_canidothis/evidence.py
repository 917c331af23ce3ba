"""Where a sentence comes from: the noun behind every need, reason and offer."""

from __future__ import annotations

import re
from typing import Final, Literal

import msgspec

__all__ = ["HOW_WORDS", "RAW_LIMIT", "Evidence", "How", "trim"]

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

HOW_WORDS: Final[dict[How, str]] = {
    "dry-run": "dry run",
    "live-read": "read live",
    "declared": "declared",
    "arithmetic": "computed",
    "kernel": "seen in the kernel",
    "static": "read in the notebook",
    "inferred": "inferred",
    "default": "assumed",
}
"""How a fact was learned, as a person reads it."""

RAW_LIMIT: Final = 4096
"""Largest raw text kept with one piece of evidence, in characters."""


_DISGUISES: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # controls, terminal escapes among them
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # change of direction
    "\u2028\u2029\ud800-\udfff]"  # other line ends, halves of characters
)


def trim(text: str, limit: int = RAW_LIMIT) -> str:
    """Shorten foreign text and drop the characters that can disguise it.

    Control characters (new lines and tabs excepted), bidirectional overrides
    and lone surrogates are replaced by U+FFFD, so that the text shows as it is.
    """
    kept = text[:limit]
    clean = _DISGUISES.sub("\N{REPLACEMENT CHARACTER}", kept)
    return clean if len(text) <= limit else clean[:-1] + "…"


class Evidence(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One source of one or more sentences."""

    how: How
    """How it was learned."""
    source: str
    """The exact command, URL path, file or notebook cell; never a secret."""
    text: str = ""
    """What the source said, trimmed to `RAW_LIMIT` characters."""
    at: int = 0
    """When it was learned, in seconds since the Unix epoch; 0 when time does not matter."""
