"""The identities that bootstrap makes may do what the pipeline does with a stack, and no more: by the real engine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from azure_world import ROOT, Azure

from localazure.cloud import Settings
from localazure.credentials import PRINCIPAL_ID, SUBSCRIPTION_ID, TENANT_ID
from localazure.threaded import ThreadedCloud
from scripts import _permissions
from scripts._arm import ArmRefusedError
from scripts._bootstrap import Bootstrap
from scripts._bootstrap_plan import LOCKS, Plan, Wanted
from scripts._preflight import Target, check
from scripts._project import Project, write_project
from scripts._subscription import KEY, Subscription

pytestmark = [pytest.mark.cloud, pytest.mark.engine]

PLAN = Plan(
    Wanted(SUBSCRIPTION_ID, TENANT_ID, "pipe-leads", "westeurope", "Standard_LRS", "repo:a/b", ("prod",), "main")
)
GROUP = f"/subscriptions/{SUBSCRIPTION_ID}/resourceGroups/marketplace-leads-local"
CONFIG = {"recipients": ["sales@contoso.com"], "alertRecipients": ["ops@contoso.com"], "protected": True}


@pytest.fixture
def azure_with_provider(engine: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Azure]:
    with ThreadedCloud(settings=Settings()) as cloud:
        found = Azure(cloud, cloud.environment())
        for name, value in found.environ.items():
            monkeypatch.setenv(name, value)
        yield found


class Watched:
    """Takes the cloud's own application for another principal, and notes what its calls needed."""

    def __init__(self, azure: Azure, monkeypatch: pytest.MonkeyPatch) -> None:
        parts = azure.cloud.cloud.parts
        self._claims, self._check = parts.identity.check, parts.authorization.access.check
        self.principal = PRINCIPAL_ID
        self.needed: set[str] = set()
        monkeypatch.setattr(parts.identity, "check", self._taken_for)
        monkeypatch.setattr(parts.authorization.access, "check", self._watch)

    def _taken_for(self, authorization: str | None) -> dict[str, Any]:
        claims = dict(self._claims(authorization))
        return {**claims, "oid": self.principal} if claims["oid"] == PRINCIPAL_ID else claims

    def _watch(self, call: Any) -> None:
        self.needed.add(call.action)
        self._check(call)


def project(azure: Azure, folder: Path) -> Project:
    salt = yaml.safe_load((ROOT / "Pulumi.local.yaml").read_text())["encryptionsalt"]
    config = {"encryptionsalt": salt, "config": {f"marketplace-leads:{key}": value for key, value in CONFIG.items()}}
    return write_project(folder, "local", config, {**os.environ, **azure.environ})


def pulumi(stack: Project, *arguments: str, ok: bool = True) -> str:
    done = stack.run(*arguments)
    assert (done.returncode == 0) is ok, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout + done.stderr


def test_the_pipelines_identities_suffice(
    azure_with_provider: Azure, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    azure, stack = azure_with_provider, project(azure_with_provider, tmp_path)
    making = Bootstrap(azure.arm, PLAN, lambda _: None)
    list(making.run())
    deploy, preview = (making.made[use]["properties"]["principalId"] for use in ("deploy", "preview"))
    target = Target("local", {"marketplace-leads:protected": True, KEY: SUBSCRIPTION_ID})
    found = check(azure.arm_of(deploy), target, Subscription(SUBSCRIPTION_ID, "the stack's file"))
    assert [(item.check, item.status.value) for item in found if item.status.value != "ok"] == []

    watched = Watched(azure, monkeypatch)
    watched.principal = deploy
    pulumi(stack, "stack", "init")
    pulumi(stack, "up", "--yes", "--skip-preview")
    writes = {action for action in watched.needed if action and not action.endswith("/read")}
    known = {*_permissions.DEPLOYMENT, *_permissions.PROTECTION}
    assert writes <= known
    assert {action for action in known if action.endswith(("/write", "listKeys/action"))} <= writes

    watched.principal = preview
    pulumi(stack, "preview", "--refresh", "--expect-no-changes")

    watched.principal = PRINCIPAL_ID
    flow = azure.arm.get(f"{GROUP}/providers/Microsoft.Logic/workflows/lead-notifier", "2019-05-01")
    assert flow is not None
    with pytest.raises(
        ArmRefusedError, match=r"not have authorization to perform action 'Microsoft.Logic/workflows/wr"
    ):
        azure.arm_of(preview).put(flow["id"], "2019-05-01", flow)
    lock = azure.arm.list(f"{GROUP}/providers/Microsoft.Authorization/locks", LOCKS)[0]
    with pytest.raises(ArmRefusedError, match="AuthorizationFailed"):
        azure.arm_of(deploy).delete(lock["id"], LOCKS)
    with pytest.raises(ArmRefusedError, match="ScopeLocked"):
        azure.arm_of(deploy).delete(GROUP, "2021-04-01")
