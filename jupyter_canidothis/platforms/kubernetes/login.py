"""From a kubeconfig or a service account to what opens connections, by kubernetes_asyncio.

Nothing of the user's is written: a login program (``exec``) is run with a deadline as
kubectl runs it, an OpenID token that has ended is reported and never refreshed, because
refreshing uses up the token that kubectl keeps.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import ssl
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from ...command import LocalCommand
from ...errors import (
    PlatformMisconfigured,
    PlatformNotAuthenticated,
    PlatformProtocolError,
    PlatformTimeout,
    PlatformUnreachable,
)
from ...evidence import trim
from . import kubeconfig

__all__ = ["Login", "log_in", "log_in_here", "ready"]

_EXTRA: Final = "pip install 'jupyter_canidothis[kubernetes]'"
_SOON: Final = 60.0
"""Seconds before its end from which on a token counts as ended."""
_KEPT: Final = 300.0
"""Seconds for which a login without an end is kept."""


class Login:
    """What opens connections, until it ends.

    Parameters
    ----------
    configuration
        Of kubernetes_asyncio.
    ends
        When to log in again, in seconds since the Unix epoch.
    """

    def __init__(self, configuration: Any, ends: float) -> None:
        self.configuration = configuration
        self.ends = ends
        # Building one reads every root certificate (20 ms): once per login.
        self.tls = _tls(configuration) if self.server.startswith("https:") else None

    @property
    def server(self) -> str:
        """Address of the API server."""
        return str(self.configuration.host)


def _tls(configuration: Any) -> ssl.SSLContext:
    """Return trust and client certificate, as the client library sets them.

    Raises
    ------
    PlatformMisconfigured
        What is named as a certificate is none.
    """
    try:
        context = ssl.create_default_context(cafile=configuration.ssl_ca_cert)
        if configuration.cert_file:
            context.load_cert_chain(configuration.cert_file, keyfile=configuration.key_file)
    except (OSError, ValueError) as error:
        # ssl.SSLError is an OSError.
        raise PlatformMisconfigured(
            "the certificates of the kubeconfig cannot be used"
        ) from error
    if not configuration.verify_ssl:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def ready() -> None:
    """Import the client library, half a second the first time.

    Raises
    ------
    PlatformMisconfigured
        It is not installed.
    """
    _library()


def _library() -> tuple[Any, Any, Any]:
    try:
        from kubernetes_asyncio import config
        from kubernetes_asyncio.client import Configuration
        from kubernetes_asyncio.config import kube_config
    except ImportError as error:
        raise PlatformMisconfigured(
            "the Python package kubernetes_asyncio is not installed", hint=_EXTRA
        ) from error
    return config, kube_config, Configuration


async def log_in(
    paths: Sequence[Path], context: str, command: LocalCommand, deadline: float
) -> Login:
    """Log in as one context of a kubeconfig says.

    Parameters
    ----------
    paths
        The kubeconfig; the first file that names something wins.
    context
        Which context.
    command
        Runs a login program.
    deadline
        Seconds for it.

    Raises
    ------
    PlatformMisconfigured
        The kubeconfig cannot be used.
    PlatformNotAuthenticated
        The login has ended.
    PlatformUnreachable, PlatformTimeout, PlatformProtocolError
        The login program is missing, hangs, or says something else.
    """
    config, kube_config, make = _library()
    documents = [kubeconfig.read(path) for path in paths]
    if context not in kubeconfig.contexts(documents):
        known = ", ".join(sorted(kubeconfig.contexts(documents))) or "none"
        raise PlatformMisconfigured(
            f"the kubeconfig has no context {trim(context, 80)!r}; it has: {trim(known, 300)}"
        )
    configuration = make()
    try:
        merged = kube_config.KubeConfigMerger(os.pathsep.join(map(str, paths))).config
        ends = await _credentials(merged, context, command, deadline)
        loader = kube_config.KubeConfigLoader(
            config_dict=merged, active_context=context, config_base_path=None
        )
        await loader.load_and_set(configuration)
    except (
        config.ConfigException,
        AttributeError,
        KeyError,
        TypeError,
        binascii.Error,
    ) as error:
        # The library checks little; what it trips over is the kubeconfig's fault.
        said = (
            str(error)
            if isinstance(error, config.ConfigException)
            else "an entry is not what it has to be"
        )
        shown = f"context {trim(context, 80)!r}: {trim(said, 200)}"
        raise PlatformMisconfigured(f"the kubeconfig cannot be used for {shown}") from error
    return Login(configuration, ends)


def log_in_here() -> Login:
    """Log in as the service account of the pod in which this process runs.

    Raises
    ------
    PlatformMisconfigured
        There is none.
    """
    config, _, make = _library()
    configuration = make()
    try:
        config.load_incluster_config(configuration, try_refresh_token=False)
    except config.ConfigException as error:
        raise PlatformMisconfigured(
            f"no service account here: {trim(str(error), 200)}"
        ) from error
    # Bound tokens are renewed in their file; reading it again is cheap.
    return Login(configuration, time.time() + _SOON)


async def _credentials(
    merged: Any, context: str, command: LocalCommand, deadline: float
) -> float:
    """Put what a login program says into the kubeconfig in memory; return when it ends."""
    inside = merged["contexts"].get_with_name(context)["context"]
    name = inside.safe_get("user")
    entry = merged["users"].get_with_name(name, safe=True) if name else None
    user = entry.safe_get("user") if entry is not None else None
    if not isinstance(user, dict):
        return time.time() + _KEPT
    if isinstance(user.get("auth-provider"), dict):
        return _provided(user["auth-provider"])
    if not isinstance(user.get("exec"), dict):
        return time.time() + _KEPT
    said = await _run(user.pop("exec"), command, deadline)
    if "token" in said:
        user["token"] = str(said["token"])
    elif "clientCertificateData" in said and "clientKeyData" in said:
        for key, part in (("certificate", "clientCertificateData"), ("key", "clientKeyData")):
            user[f"client-{key}-data"] = base64.b64encode(str(said[part]).encode()).decode()
    else:
        raise PlatformProtocolError("the login program of the kubeconfig gave no credential")
    return _moment(said.get("expirationTimestamp"))


def _moment(text: object) -> float:
    from datetime import datetime

    if not isinstance(text, str):
        return time.time() + _KEPT
    try:
        return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() - _SOON
    except ValueError:
        return time.time() + _KEPT


def _provided(provider: Mapping[str, Any]) -> float:
    """Check a token of an OpenID provider without using up its refresh token."""
    if provider.get("name") != "oidc":
        raise PlatformMisconfigured(
            f"the kubeconfig logs in by auth-provider {trim(str(provider.get('name')), 40)!r}",
            hint="Kubernetes has dropped it; use the login program (exec) of your provider",
        )
    given = provider.get("config")
    token = given.get("id-token") if isinstance(given, dict) else None
    ends = _end_of(token) if isinstance(token, str) else 0.0
    if ends <= time.time():
        raise PlatformNotAuthenticated(
            "the OpenID token in the kubeconfig has ended",
            hint="run any kubectl command once, which gets a new one",
        )
    return ends


def _end_of(token: str) -> float:
    """Return when a JSON web token ends (RFC 7519, ``exp``); its signature is not ours."""
    try:
        part = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
        return float(claims.get("exp", time.time() + _KEPT)) - _SOON
    except (IndexError, ValueError, AttributeError, TypeError) as error:
        raise PlatformMisconfigured("the OpenID token in the kubeconfig is no token") from error


async def _run(
    given: Mapping[str, Any], command: LocalCommand, deadline: float
) -> dict[str, Any]:
    """Run a login program (client-go credential plugins) and return its ``status``."""
    program, version = str(given.get("command") or ""), str(given.get("apiVersion") or "")
    if not program or not version:
        raise PlatformMisconfigured(
            "the login program of the kubeconfig has no command or apiVersion"
        )
    arguments = [str(each) for each in given.get("args") or ()]
    env = {str(each["name"]): str(each["value"]) for each in given.get("env") or ()}
    info = {"apiVersion": version, "kind": "ExecCredential", "spec": {"interactive": False}}
    env["KUBERNETES_EXEC_INFO"] = json.dumps(info)
    try:
        done = await command.run((program, *arguments), deadline=deadline, env=env, cap=2**20)
    except PlatformUnreachable as error:
        raise PlatformUnreachable(
            f"the login program of the kubeconfig is missing: {error.message}", hint=error.hint
        ) from error
    except PlatformTimeout as error:
        raise PlatformTimeout(
            f"the login program of the kubeconfig hangs: {error.message}"
        ) from error
    if done.returncode != 0:
        raise PlatformNotAuthenticated(
            f"the login program {trim(program, 80)} failed: {trim(done.stderr.strip(), 200)}"
        )
    try:
        status = json.loads(done.stdout)["status"]
    except (ValueError, KeyError, TypeError) as error:
        raise PlatformProtocolError(
            "the login program of the kubeconfig printed no credential"
        ) from error
    if not isinstance(status, dict):
        raise PlatformProtocolError("the login program of the kubeconfig printed no credential")
    return status
