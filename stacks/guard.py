"""Local and Azure cannot be mistaken for each other: stack `local` needs the local cloud, every other stack refuses it.

One exception, for rehearsals: with `MARKETPLACE_LEADS_REHEARSAL=1` every stack runs on the local cloud, and on nothing
else. The variable can only take Azure away: with it set, a shell that does not point to the local cloud is refused.

Free of Pulumi, so that the scripts apply the same rule without the SDK's start-up time.
"""

from __future__ import annotations

import socket
from collections.abc import Mapping
from urllib.parse import urlsplit

LOCAL_STACK = "local"
REHEARSAL = "MARKETPLACE_LEADS_REHEARSAL"
_ENDPOINT = "LOCALAZURE_ARM_ENDPOINT"
_PROVIDERS = "PULUMI_DEBUG_PROVIDERS"
_BACKEND = "PULUMI_BACKEND_URL"
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_PATIENCE_SECONDS = 2.0
_LEAD_HERE = 'localazure start\n  eval "$(localazure env)"'


class GuardError(Exception):
    """The stack and the environment do not belong together; the message says what to run."""


def check_environment(stack: str, environ: Mapping[str, str]) -> None:
    """Raise `GuardError` unless stack and environment belong together.

    The local cloud is recognised by its ARM endpoint and by the attached provider: one of them alone could send
    a deployment half to the laptop and half to a real subscription.
    """
    if is_rehearsal(environ):
        _require_rehearsal_stage(stack, environ)
    elif stack == LOCAL_STACK:
        _require_local_cloud(environ)
    else:
        _refuse_local_cloud(stack, environ)


def is_rehearsal(environ: Mapping[str, str]) -> bool:
    """Whether the environments are rehearsed on the local cloud; raises `GuardError` for a value other than 0 or 1."""
    value = environ.get(REHEARSAL, "").strip()
    if value not in ("", "0", "1"):
        raise GuardError(f"{REHEARSAL} is {value!r}; it must be 1 or unset. Run:\n  unset {REHEARSAL}")
    return value == "1"


def runs_on_local_cloud(stack: str, environ: Mapping[str, str]) -> bool:
    """Where a stack that `check_environment` let pass is deployed to."""
    return stack == LOCAL_STACK or is_rehearsal(environ)


def check_answers(environ: Mapping[str, str]) -> None:
    """Raise `GuardError` unless the local cloud that the environment leads to runs.

    Without it the engine waits ten seconds and says that a plugin did not begin to respond.
    """
    address = urlsplit(environ[_ENDPOINT])
    try:
        socket.create_connection((address.hostname or "", address.port or 443), _PATIENCE_SECONDS).close()
    except OSError:
        raise GuardError(f"The local cloud does not run ({environ[_ENDPOINT]}). Run:\n  localazure start") from None


def attaches_provider(environ: Mapping[str, str]) -> bool:
    """Whether the engine would talk to an attached azure-native provider instead of the real one."""
    attached = environ.get(_PROVIDERS, "").split(",")
    return any(entry.strip().startswith("azure-native:") for entry in attached)


def _missing_of_local_cloud(environ: Mapping[str, str]) -> list[str]:
    missing = [] if environ.get(_ENDPOINT) else [f"{_ENDPOINT} is not set"]
    return missing if attaches_provider(environ) else [*missing, f"{_PROVIDERS} attaches no azure-native"]


def _require_local_cloud(environ: Mapping[str, str]) -> None:
    if missing := _missing_of_local_cloud(environ):
        raise GuardError(
            f"Stack '{LOCAL_STACK}' runs on the local cloud only, and this shell does not point to it"
            f" ({'; '.join(missing)}). Run:\n  {_LEAD_HERE}"
        )


def _refuse_local_cloud(stack: str, environ: Mapping[str, str]) -> None:
    found = [_ENDPOINT] if environ.get(_ENDPOINT) else []
    if attaches_provider(environ):
        found.append(_PROVIDERS)
    if found:
        raise GuardError(
            f"Stack '{stack}' is meant for Azure, but this shell points to the local cloud"
            f" ({', '.join(found)} set). Open a new shell, or choose the local stack:\n"
            f"  pulumi stack select {LOCAL_STACK}"
        )


def _require_rehearsal_stage(stack: str, environ: Mapping[str, str]) -> None:
    """The local cloud with a state of its own: a rehearsal in the team's state would forget what is on Azure."""
    missing = _missing_of_local_cloud(environ)
    if not missing and urlsplit(environ[_ENDPOINT]).hostname not in _LOOPBACK:
        missing.append(f"{_ENDPOINT} is not on this machine")
    if not environ.get(_BACKEND, "").startswith("file://"):
        missing.append(f"{_BACKEND} is no folder of this machine (file://...)")
    if missing:
        raise GuardError(
            f"{REHEARSAL}=1 lets stack '{stack}' run on the local cloud and nowhere else, and this shell does not point"
            f" to it ({'; '.join(missing)}). Run:\n  {_LEAD_HERE}\nor, to deploy to Azure:\n  unset {REHEARSAL}"
        )
