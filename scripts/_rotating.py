"""What rotate_keys.py does: rotate, tell each step, and after key2 what to do in Partner Center."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from leads.arm_errors import Explained
from leads.clients import Clients
from leads.environment import Deployed
from leads.errors import LeadsError
from leads.rotation import Rotation, RotationError
from leads.runs import Patience
from scripts._console import Console
from stacks import guard, outputs

_SETTLE_SECONDS = 60  # how soon Logic Apps take a changed connection is not documented


def key1(deployed: Deployed, timeout: int, settle: int | None, as_json: bool, console: Console) -> None:
    """Rotate the flow's key."""
    rotation = _rotation(Clients(deployed, os.environ), timeout, settle, console)
    with _accounted(rotation), console.waiting("Rotating key1"):
        changed = rotation.rotate_key1()
    if as_json:
        report = {"stack": deployed.stack, "rotated": "key1", "account": deployed.account, "connections": changed}
        print(json.dumps(report, indent=2))
    if not changed:
        console.note("No connection of the flow signs with a key: it reads the table with a managed identity.")
    console.note(f"The next `pulumi up --stack {deployed.stack}` shows the connection as changed: its state still has")
    console.note("the old key. It writes the key that the connection has now.")


def key2(
    deployed: Deployed, times: tuple[int, int | None], show_secrets: bool, as_json: bool, console: Console
) -> None:
    """Rotate Partner Center's key and tell what to do there."""
    clients = Clients(deployed, os.environ)
    rotation = _rotation(clients, *times, console)
    with _accounted(rotation), console.waiting("Rotating key2"):
        endpoint = _table_endpoint(clients)
        key = rotation.rotate_key2()
    string = outputs.connection_string(deployed.account, key, endpoint)
    steps = _steps(deployed, endpoint)
    if as_json:
        report = {"stack": deployed.stack, "rotated": "key2", "account": deployed.account, "nextSteps": steps}
        print(json.dumps({**report, **({"connectionString": string} if show_secrets else {})}, indent=2))
    if show_secrets:
        console.note(f"\n{string}\n")
    console.note(steps)


def refuse_shared(deployed: Deployed, known: bool, console: Console) -> None:
    """An account that the stack adopted may have other users of its keys: somebody must have thought of them."""
    if deployed.is_adopted and not known:
        console.fail(
            f"account {deployed.account} was there before the stack: others may sign with its keys; if none does,"
            " or they have been told, add --shared-account",
            2,
        )


def _rotation(clients: Clients, timeout: int, settle: int | None, console: Console) -> Rotation:
    local = guard.runs_on_local_cloud(clients.deployed.stack, os.environ)
    seconds = settle if settle is not None else 0 if local else _SETTLE_SECONDS
    patience = Patience(timeout, time.monotonic, time.sleep, pause=0.2 if local else 2.0)
    return Rotation(clients, patience, seconds, console.step)


@contextmanager
def _accounted(rotation: Rotation) -> Iterator[None]:
    """Whatever ends a rotation, the message says what holds now."""
    try:
        yield
    except RotationError:
        raise
    except LeadsError as error:
        raise RotationError(f"{error}; {rotation.standing}") from None
    except KeyboardInterrupt:
        raise RotationError(f"interrupted; {rotation.standing}") from None


def _table_endpoint(clients: Clients) -> str:
    deployed = clients.deployed
    with Explained(f"storage account {deployed.account}"):
        found = clients.storage.storage_accounts.get_properties(deployed.account_group, deployed.account)
    return str(found.primary_endpoints.table)


def _steps(deployed: Deployed, endpoint: str) -> str:
    first = f"The outputs of the stack still have the old string: pulumi up --stack {deployed.stack}"
    return f"{first}\n{outputs.next_steps(deployed.stack, deployed.account, endpoint)}"
