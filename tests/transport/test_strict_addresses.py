"""Addresses that come from a stranger: thirty-odd spellings of places that are not public."""

import socket

import pytest
from farm import Farm, answers

from jupyter_canidothis.credentials import Credential
from jupyter_canidothis.errors import PlatformUnreachable
from jupyter_canidothis.transport import Transport
from jupyter_canidothis.transport.addresses import (
    AddressRefusedError,
    StrictResolver,
    is_public,
)

SPELLINGS = [
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "127.255.255.254",
    "2130706433",
    "0x7f000001",
    "0x7f.0.0.1",
    "0177.0.0.1",
    "017700000001",
    "0",
    "0.0.0.0",
    "localhost",
    "LOCALHOST",
    "[::1]",
    "[::]",
    "[0:0:0:0:0:0:0:1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b:1::7f00:1]",
    "[2002:7f00:1::]",
    "169.254.169.254",
    "2852039166",
    "0xa9fea9fe",
    "[::ffff:169.254.169.254]",
    "[64:ff9b::a9fe:a9fe]",
    "[fd00:ec2::254]",
    "[fe80::1]",
    "100.100.100.200",
    "192.0.0.192",
    "168.63.129.16",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "[ff02::1]",
    "[2001:db8::1]",
    "\uff11\uff12\uff17.0.0.1",
    "127\u30020\u30020\u30021",
    "127.0.0.1%00.example.org",
]


@pytest.mark.parametrize("host", SPELLINGS)
async def test_no_spelling_of_a_private_place_is_connected_to(host):
    async with Farm() as farm:
        port = await farm.serve(answers())
        with pytest.raises(PlatformUnreachable):
            await Transport().fetch(f"https://{host}:{port}/", strict=True, deadline=0.3)
        assert farm.received[port] == b""


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_an_administrators_own_address_may_be_private(host):
    async with Farm() as farm:
        port = await farm.serve(answers())
        assert (await Transport().fetch(f"http://{host}:{port}/")).status == 200


async def test_a_strangers_address_is_asked_by_https_only():
    with pytest.raises(PlatformUnreachable, match="https only"):
        await Transport().fetch("http://example.org/", strict=True)


async def test_a_strangers_address_gets_no_credential(monkeypatch):
    monkeypatch.setenv("TOKEN", "s3cret")
    credential = Credential.bind("https://example.org/", token_env="TOKEN")
    with pytest.raises(ValueError, match="no credential"):
        await Transport().fetch("https://example.org/", credential=credential, strict=True)


@pytest.mark.parametrize("name", ["Authorization", "cookie", "Proxy-Authorization"])
async def test_a_strangers_address_gets_no_identifying_header(name):
    with pytest.raises(ValueError, match="no credential"):
        await Transport().fetch("https://example.org/", headers={name: "x"}, strict=True)


@pytest.mark.parametrize(
    "address",
    [
        "93.184.215.14",
        "8.8.8.8",
        "2606:2800:220:1:248:1893:25c8:1946",
        "64:ff9b::808:808",
        "::ffff:8.8.8.8",
    ],
)
def test_a_public_address_is_public(address):
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "192.0.0.9",
        "192.0.0.192",
        "168.63.129.16",
        "100.64.0.1",
        "224.0.0.1",
        "239.255.255.250",
        "240.0.0.1",
        "ff02::1",
        "ff0e::1",
        "fe80::1",
        "fd00::1",
        "::127.0.0.1",
        "::8.8.8.8",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "64:ff9b:1::1",
        "2002:a00:1::",
        "2001:db8::1",
        "2001::1",
    ],
)
def test_a_private_reserved_or_multicast_address_is_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", ["", "example.org", "1.2.3", "fe80::1%eth0"])
def test_what_is_no_address_is_not_public(address):
    assert not is_public(address)


class Names:
    """A name service that gives another answer each time, as in a rebinding attack."""

    def __init__(self, *answers):
        self.answers = list(answers)

    async def getaddrinfo(self, host, port, **_):
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (text, port))
            for text in self.answers.pop(0)
        ]


async def test_a_name_is_resolved_once_and_only_checked_addresses_come_back(
    jp_asyncio_loop, monkeypatch
):
    names = Names(["93.184.215.14"], ["127.0.0.1"])
    monkeypatch.setattr(jp_asyncio_loop, "getaddrinfo", names.getaddrinfo)
    found = await StrictResolver().resolve("rebinding.example", 443)
    assert [address for _, address in found] == [("93.184.215.14", 443)]
    assert len(names.answers) == 1


async def test_one_private_address_among_public_ones_refuses_the_name(
    jp_asyncio_loop, monkeypatch
):
    names = Names(["93.184.215.14", "10.0.0.1"])
    monkeypatch.setattr(jp_asyncio_loop, "getaddrinfo", names.getaddrinfo)
    with pytest.raises(AddressRefusedError):
        await StrictResolver().resolve("mixed.example", 443)


async def test_a_name_without_addresses_is_refused(jp_asyncio_loop, monkeypatch):
    monkeypatch.setattr(jp_asyncio_loop, "getaddrinfo", Names([]).getaddrinfo)
    with pytest.raises(AddressRefusedError):
        await StrictResolver().resolve("empty.example", 443)
