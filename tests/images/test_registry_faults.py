"""A registry that misbehaves byte for byte, asked by the real client."""

from __future__ import annotations

import pytest
from farm import Farm, answers, says, says_and_hangs

from jupyter_canidothis.command import LocalCommand
from jupyter_canidothis.errors import (
    PlatformNotAuthenticated,
    PlatformNotAuthorised,
    PlatformProtocolError,
    PlatformRateLimited,
    PlatformTimeout,
    PlatformUnreachable,
)
from jupyter_canidothis.images.architecture import Architecture
from jupyter_canidothis.images.logins import Logins
from jupyter_canidothis.images.reference import Reference
from jupyter_canidothis.images.registry import Registry, RegistryRules
from jupyter_canidothis.transport import BODY_CAP, Transport

HOST = Architecture.of("linux", "amd64")


async def look(port, deadline=30.0):
    name = f"127.0.0.1:{port}"
    rules = RegistryRules(trusted=frozenset({name}))
    registry = Registry(Transport(), Logins(LocalCommand(), ()), rules)
    return await registry.look(Reference.parse(f"{name}/a:1"), HOST, deadline)


@pytest.mark.parametrize(
    ("talk", "error"),
    [
        (answers(b"{}", "429 Too Many Requests"), PlatformRateLimited),
        (answers(b"{}", "401 Unauthorized", WWW_Authenticate='Basic realm="x"'), PlatformNotAuthenticated),
        (answers(b"{}", "403 Forbidden"), PlatformNotAuthorised),
        (answers(b"{}", "503 Busy"), PlatformUnreachable),
        (answers(b"<html>Sign in</html>"), PlatformProtocolError),
        (answers(b'{"schemaVersion": 2, "manifests": ['), PlatformProtocolError),
        (answers(b" " * (BODY_CAP + 1)), PlatformProtocolError),
        (answers(b"", "307 Moved", Location="http://127.0.0.1:1/"), PlatformProtocolError),
        (says(b"SSH-2.0-OpenSSH\r\n"), PlatformProtocolError),
    ],
)  # fmt: skip
async def test_each_fault_is_its_own_error(talk, error):
    async with Farm() as farm:
        with pytest.raises(error):
            await look(await farm.serve(talk))


async def test_a_silent_registry_ends_at_the_deadline():
    async with Farm() as farm:
        with pytest.raises(PlatformTimeout):
            await look(await farm.serve(says_and_hangs(b"HTTP/1.1 200 OK\r\n")), 0.5)


async def test_a_registry_that_is_gone_is_unreachable():
    with pytest.raises(PlatformUnreachable):
        await look(1)


async def test_a_private_registry_that_nobody_trusts_is_not_asked():
    async with Farm() as farm:
        port = await farm.serve(answers(b"{}"))
        registry = Registry(Transport(), Logins(LocalCommand(), ()), RegistryRules())
        with pytest.raises(PlatformUnreachable, match="not a public address"):
            await registry.look(Reference.parse(f"localhost:{port}/a:1"), HOST, 30.0)
        assert farm.received[port] == b""
