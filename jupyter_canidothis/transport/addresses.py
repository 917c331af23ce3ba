"""Which addresses may be asked when the address itself comes from a stranger.

Checking the text of a URL is not enough: ``2130706433``, ``0x7f.1``, ``127.1``
and ``[64:ff9b::7f00:1]`` all reach this machine. So a name is resolved once,
every address is unwrapped and checked, and the connection goes to exactly the
addresses that were checked.
"""

from __future__ import annotations

import ipaddress
import socket
from typing import Any, Final

from tornado.netutil import DefaultLoopResolver, Resolver

__all__ = ["AddressRefusedError", "StrictResolver", "is_public"]

_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
_CLOSED: Final = (
    # RFC 6890: protocol assignments; older Pythons call parts of it global.
    ipaddress.IPv4Network("192.0.0.0/24"),
    # Globally routable by number, but it is every Azure host's own metadata service.
    ipaddress.IPv4Network("168.63.129.16/32"),
)


class AddressRefusedError(OSError):
    """A name that leads to this machine or a private network."""


def is_public(text: str) -> bool:
    """Whether an IP address is global unicast, IPv4 wrapped into IPv6 included.

    Unwraps IPv4-mapped (RFC 4291), NAT64 (RFC 6052) and 6to4 (RFC 3056)
    addresses; IPv4-compatible ones are deprecated and count as reserved.
    """
    try:
        address: ipaddress.IPv4Address | ipaddress.IPv6Address = ipaddress.ip_address(text)
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        address = _unwrapped(address)
    if isinstance(address, ipaddress.IPv4Address) and any(address in net for net in _CLOSED):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _unwrapped(
    address: ipaddress.IPv6Address,
) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    if inner := address.ipv4_mapped or address.sixtofour:
        return inner
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address


class StrictResolver(Resolver):
    """Resolve once, and refuse the name when any of its addresses is not public."""

    def initialize(self) -> None:
        """Set up the system's resolver underneath (tornado's constructor protocol)."""
        self._system = DefaultLoopResolver()

    async def resolve(
        self, host: str, port: int, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[tuple[int, Any]]:
        """Return the checked addresses of a host.

        Raises
        ------
        AddressRefusedError
            One of them is not public.
        """
        found: list[tuple[int, Any]] = await self._system.resolve(host, port, family)
        if not found or not all(is_public(address[0]) for _, address in found):
            raise AddressRefusedError(f"{host} does not lead to a public address")
        return found
