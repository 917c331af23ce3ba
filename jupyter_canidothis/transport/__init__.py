"""The only HTTP client: deadlines, size caps, no redirects, origin-bound credentials."""

from .client import BODY_CAP, Transport
from .response import Response

__all__ = ["BODY_CAP", "Response", "Transport"]
