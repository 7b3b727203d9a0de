"""Which subscription a stack goes to: what the provider takes, in its own order."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

KEY = "azure-native:subscriptionId"
VARIABLE = "ARM_SUBSCRIPTION_ID"


@dataclass(frozen=True)
class Subscription:
    """`source` says who named it: a key of the stack's file, a variable, or `az account set`."""

    id: str
    source: str


def subscription_of(config: Mapping[str, Any], environ: Mapping[str, str]) -> Subscription | None:
    """The stack's own, else the environment's, else the Azure CLI's; None where nobody names one.

    Source: the order in which azure-native looks for it.
    """
    if named := str(config.get(KEY) or ""):
        return Subscription(named, "the stack's file")
    if named := environ.get(VARIABLE, ""):
        return Subscription(named, VARIABLE)
    chosen = _of_azure_cli()
    return Subscription(chosen, "az account set") if chosen else None


def _of_azure_cli() -> str:
    if (az := shutil.which("az")) is None:
        return ""
    command = [az, "account", "show", "--query", "id", "--output", "tsv"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    return done.stdout.strip() if done.returncode == 0 else ""
