"""What a page complained about, and whom it asked."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

OWN = ("data", "blob", "file", "about")
"""Schemes with which a browser asks nobody."""


@dataclass
class Witness:
    """Keeps what happens on a page, and says at the end whether it was in order."""

    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    forgiven: list[str] = field(default_factory=list)
    """Patterns of complaints that a test provokes."""

    def watch(self, page):
        page.on("console", self._note)
        page.on("pageerror", self._note_uncaught)
        page.on("request", lambda request: self.requests.append(request.url))

    def expect_complaint(self, pattern):
        """Declare that a test provokes complaints in which a pattern is found."""
        self.forgiven.append(pattern)

    def unexpected(self):
        """Return the complaints that nobody declared."""
        return [
            complaint
            for complaint in self.complaints
            if not any(re.search(pattern, complaint) for pattern in self.forgiven)
        ]

    def strays(self, own):
        """Return the requests to anybody else than a server of this address."""
        return [
            url
            for url in self.requests
            if not url.startswith(own) and urlsplit(url).scheme not in OWN
        ]

    def _note(self, message):
        """Keep every error, and the warnings that come from our own bundle."""
        where = message.location.get("url", "")
        ours = "canidothis" in where + message.text.lower()
        if message.type == "error" or (message.type == "warning" and ours):
            self.complaints.append(f"{message.type}: {message.text} ({where})")

    def _note_uncaught(self, error):
        """Keep what our bundle threw; Notebook 7.6 throws one of its own at every start."""
        if "canidothis" in (error.stack or "").lower():
            self.complaints.append(f"uncaught: {error.stack}")
