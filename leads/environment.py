"""From a stack's name to its table and its Logic App: the outputs of the stack, and clients for what they name.

The same code serves Azure and the local cloud: `localazure env` sets where ARM is and who signs in.
"""

from __future__ import annotations

import json
import logging
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from leads.errors import LeadsError

if TYPE_CHECKING:
    from azure.mgmt.logic import LogicManagementClient

_NEEDED = ("connectionString", "leadTableName", "logicAppId")


class StackError(LeadsError):
    """The stack cannot be used; the message is one line and ends with what to do."""


@dataclass(frozen=True)
class Deployed:
    """What a stack deployed, as far as the scripts need it. `connection_string` is a secret."""

    stack: str
    table: str
    account: str
    logic_app_id: str
    connection_string: str = field(repr=False)
    account_id: str = ""

    @property
    def account_group(self) -> str:
        """The resource group of the storage account, which is another one where an existing account was adopted."""
        return self.account_id.split("/")[4] if self.account_id else self.resource_group

    @property
    def is_adopted(self) -> bool:
        """Whether the storage account was there before the stack: it lies in a group of its own."""
        return self.account_group.lower() != self.resource_group.lower()

    @property
    def subscription(self) -> str:
        return self.logic_app_id.split("/")[2]

    @property
    def resource_group(self) -> str:
        return self.logic_app_id.split("/")[4]

    @property
    def logic_app(self) -> str:
        return self.logic_app_id.split("/")[8]


def read_stack(stack: str, folder: Path) -> Deployed:
    """The outputs of a deployed stack of the project in `folder`; raises `StackError`."""
    outputs = _outputs(stack, folder)
    missing = [name for name in _NEEDED if not outputs.get(name)]
    if missing:
        raise StackError(f"stack '{stack}' is not deployed (no {missing[0]}); run `pulumi up --stack {stack}`")
    return Deployed(
        stack=stack,
        table=outputs["leadTableName"],
        account=str(outputs.get("storageAccountName", "")),
        logic_app_id=outputs["logicAppId"],
        connection_string=outputs["connectionString"],
        account_id=str(outputs.get("storageAccountId", "")),
    )


def logic_client(deployed: Deployed, environ: Mapping[str, str]) -> LogicManagementClient:
    """The official Logic Apps client for the stack's subscription, on Azure or on the local cloud."""
    from azure.mgmt.logic import LogicManagementClient

    return LogicManagementClient(credential(environ), deployed.subscription, **arm_options(environ))


def arm_options(environ: Mapping[str, str]) -> dict[str, Any]:
    """What every management client is told: where ARM is, if not Azure's, and not to repeat attempts for long.

    A person is waiting, and a local cloud that is gone stays gone.
    """
    options: dict[str, Any] = {"retry_total": 3, "retry_backoff_factor": 0.3, "connection_timeout": 10}
    endpoint = environ.get("LOCALAZURE_ARM_ENDPOINT")
    if endpoint:
        options["base_url"] = endpoint
    return options


def credential(environ: Mapping[str, str]) -> Any:
    """Who signs in: the local cloud's own client, else what `DefaultAzureCredential` finds (`az login`, …).

    The SDK would warn of every way of signing in that failed: a page of text before the one line of the error.
    """
    logging.getLogger("azure.identity").setLevel(logging.ERROR)
    if environ.get("LOCALAZURE_ARM_ENDPOINT"):
        from azure.identity import EnvironmentCredential

        # Without discovery: login.microsoftonline.com knows nothing of the local cloud's token endpoint.
        return EnvironmentCredential(disable_instance_discovery=True)
    from azure.identity import DefaultAzureCredential

    return DefaultAzureCredential()


def read_config(stack: str, folder: Path) -> dict[str, Any]:
    """The configuration of a stack as `pulumi config --json` tells it, secrets in plain; raises `StackError`."""
    return _ask("config", stack, folder)


def _outputs(stack: str, folder: Path) -> dict[str, Any]:
    return _ask("stack output", stack, folder)


def _ask(what: str, stack: str, folder: Path) -> dict[str, Any]:
    command = [_pulumi(), *what.split(), "--json", "--show-secrets", "--non-interactive", "--stack", stack]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        raise StackError(explain(stack, done.stderr))
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _pulumi() -> str:
    """The CLI on PATH, else the one beside the running interpreter: the environment need not be activated."""
    found = shutil.which("pulumi") or shutil.which("pulumi", path=str(Path(sys.executable).parent))
    if found is None:
        raise StackError("the pulumi command is missing; `make setup` gets it (or https://www.pulumi.com/docs/install)")
    return found


def explain(stack: str, errors: str) -> str:
    """Why Pulumi's CLI did not tell of a stack, out of its standard error, in one line that says what to do."""
    if "no stack named" in errors:
        return f"there is no stack '{stack}' here; `pulumi stack ls` lists them, `pulumi up --stack {stack}` makes it"
    if "passphrase" in errors:
        return f"the secrets of stack '{stack}' need its passphrase; set PULUMI_CONFIG_PASSPHRASE"
    if "PULUMI_ACCESS_TOKEN" in errors:
        place = "export PULUMI_BACKEND_URL (docs/azure.md) or run `pulumi login`"
        return f"stack '{stack}' cannot be read: Pulumi does not know where its state is; {place}"
    lines = [line.removeprefix("error:").strip() for line in errors.splitlines() if line.strip()]
    return f"stack '{stack}' cannot be read: {lines[0] if lines else 'pulumi gave no reason'}"
