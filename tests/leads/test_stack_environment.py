"""From a stack's name to what it deployed: through the Pulumi CLI, here one that answers by script."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from leads.environment import Deployed, StackError, read_stack

GROUP = "/subscriptions/s-1/resourceGroups/rg-1/providers"
OUTPUTS = {
    "connectionString": "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=secret==",
    "leadTableName": "MarketplaceLeads",
    "logicAppId": f"{GROUP}/Microsoft.Logic/workflows/lead-notifier",
    "storageAccountName": "leadsdev",
}

Answer = Callable[..., None]


@pytest.fixture
def pulumi_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Answer:
    """Puts a `pulumi` on PATH that writes down its arguments and answers as told."""

    def says(outputs: object = None, error: str = "") -> None:
        (tmp_path / "out").write_text(json.dumps(outputs))
        (tmp_path / "err").write_text(error)
        script = tmp_path / "bin" / "pulumi"
        script.parent.mkdir(exist_ok=True)
        script.write_text(
            f'#!/bin/sh\necho "$PWD $*" > "{tmp_path}/asked"\n'
            f'cat "{tmp_path}/err" >&2\ncat "{tmp_path}/out"\nexit {1 if error else 0}\n'
        )
        script.chmod(script.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("PATH", f"{script.parent}{os.pathsep}/usr/bin{os.pathsep}/bin")

    return says


def test_the_outputs_tell_where_everything_is(tmp_path: Path, pulumi_says: Answer) -> None:
    pulumi_says(OUTPUTS)
    deployed = read_stack("dev", tmp_path)
    assert (deployed.subscription, deployed.resource_group, deployed.logic_app) == ("s-1", "rg-1", "lead-notifier")
    assert (deployed.table, deployed.account) == ("MarketplaceLeads", "leadsdev")
    asked = (tmp_path / "asked").read_text()
    assert asked == f"{tmp_path} stack output --json --show-secrets --non-interactive --stack dev\n"


def test_the_connection_string_is_not_printed() -> None:
    assert "secret" not in repr(Deployed("dev", "t", "a", GROUP, "AccountKey=secret"))


@pytest.mark.parametrize(
    ("error", "message"),
    [
        ("error: no stack named 'dev' found", "there is no stack 'dev' here; `pulumi stack ls` lists them"),
        ("error: getting secrets manager: incorrect passphrase", "set PULUMI_CONFIG_PASSPHRASE"),
        ("error: PULUMI_ACCESS_TOKEN must be set\nmore", "where its state is; export PULUMI_BACKEND_URL"),
        ("error: no such bucket\nmore", "stack 'dev' cannot be read: no such bucket"),
        (" \n", "pulumi gave no reason"),
    ],
)
def test_an_error_of_pulumi_is_told_in_one_line(tmp_path: Path, pulumi_says: Answer, error: str, message: str) -> None:
    pulumi_says(error=error)
    with pytest.raises(StackError) as refused:
        read_stack("dev", tmp_path)
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("missing", ["connectionString", "leadTableName", "logicAppId"])
def test_a_stack_without_its_outputs_is_not_deployed(tmp_path: Path, pulumi_says: Answer, missing: str) -> None:
    pulumi_says({name: value for name, value in OUTPUTS.items() if name != missing})
    with pytest.raises(StackError, match=r"stack 'dev' is not deployed .* run `pulumi up --stack dev`"):
        read_stack("dev", tmp_path)


def test_a_missing_cli_is_told_with_the_cure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))
    with pytest.raises(StackError, match="the pulumi command is missing; `make setup` gets it"):
        read_stack("dev", tmp_path)
