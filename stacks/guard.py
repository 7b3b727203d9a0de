"""Local and Azure cannot be mistaken for each other: stack `local` needs the local cloud, every other stack refuses it.

Pure and free of Pulumi, so that the scripts apply the same rule without the SDK's start-up time.
"""

from __future__ import annotations

from collections.abc import Mapping

LOCAL_STACK = "local"
_ENDPOINT = "LOCALAZURE_ARM_ENDPOINT"
_PROVIDERS = "PULUMI_DEBUG_PROVIDERS"


class GuardError(Exception):
    """The stack and the environment do not belong together; the message says what to run."""


def check_environment(stack: str, environ: Mapping[str, str]) -> None:
    """Raise `GuardError` unless stack and environment belong together.

    The local cloud is recognised by its ARM endpoint and by the attached provider: one of them alone could send
    a deployment half to the laptop and half to a real subscription.
    """
    if stack == LOCAL_STACK:
        _require_local_cloud(environ)
    else:
        _refuse_local_cloud(stack, environ)


def attaches_provider(environ: Mapping[str, str]) -> bool:
    """Whether the engine would talk to an attached azure-native provider instead of the real one."""
    attached = environ.get(_PROVIDERS, "").split(",")
    return any(entry.strip().startswith("azure-native:") for entry in attached)


def _require_local_cloud(environ: Mapping[str, str]) -> None:
    missing = [] if environ.get(_ENDPOINT) else [f"{_ENDPOINT} is not set"]
    if not attaches_provider(environ):
        missing.append(f"{_PROVIDERS} attaches no azure-native")
    if missing:
        raise GuardError(
            f"Stack '{LOCAL_STACK}' runs on the local cloud only, and this shell does not point to it"
            f' ({"; ".join(missing)}). Run:\n  localazure start\n  eval "$(localazure env)"'
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
