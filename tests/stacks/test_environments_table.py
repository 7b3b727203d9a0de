"""The table of environments in the docs says what the stack files say."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from notifier.acknowledged import ACKNOWLEDGED
from stacks.lead_store import account_stem
from stacks.settings import Settings, parse_settings

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "environments.md").read_text(encoding="utf-8")
STACKS = ("local", "dev", "staging", "prod")


def rows() -> dict[str, list[str]]:
    """The first table: heading of the row → its cells, one for each environment."""
    table = TEXT.partition("| | local |")[2].partition("\n\n")[0].splitlines()[2:]
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table]
    return {line[0].strip("| "): [cell.strip("| ") for cell in line[1:]] for line in cells}


def config(stack: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / f"Pulumi.{stack}.yaml").read_text())["config"]
    return {key.partition(":")[2]: value for key, value in found.items()}


def settings(stack: str) -> Settings:
    given = {key: value if isinstance(value, str) else yaml.safe_dump(value) for key, value in config(stack).items()}
    given |= {"recipients": "somebody@contoso.com", "tags": ";".join(config(stack).get("tags", []))}
    given["alertRecipients"] = "somebody@contoso.com"
    return parse_settings({key: value.strip().removesuffix("\n...") for key, value in given.items()}, set(), stack)


@pytest.mark.parametrize(
    ("row", "value"),
    [
        ("Redundancy: `storageSku`", lambda found: found.storage_sku),
        ("Protection: `protected`", lambda found: str(found.protected).lower()),
        ("Alert on failed runs, severity: `alertSeverity`", lambda found: str(found.alert_severity)),
        ("Alert when no run starts: `standstillAlert`", lambda found: str(found.standstill_alert).lower()),
        (
            "Tags beside `project` and `stack`: `tags`",
            lambda found: ";".join(f"{name}={text}" for name, text in found.tags.items()) or "none",
        ),
    ],
)
def test_the_table_says_what_the_files_say(row: str, value: Any) -> None:
    assert [cell.strip("`") for cell in rows()[row]] == [value(settings(stack)) for stack in STACKS]


def test_names_follow_from_the_stack() -> None:
    assert rows()["Resource group"] == [f"`marketplace-leads-{stack}`" for stack in STACKS]
    assert rows()["Storage account"] == [f"`{account_stem(stack)}` + 8 digits" for stack in STACKS]


def test_what_is_protected_is_locked_and_kept() -> None:
    for stack, lock, leads in zip(
        STACKS, rows()["Lock on the account"], rows()["Leads, when the stack is destroyed"], strict=True
    ):
        assert (lock == "CanNotDelete") is leads.startswith("kept") is settings(stack).protected


def test_nobodys_address_is_in_the_repository() -> None:
    assert config("local")["recipients"] == [rows()["Told of leads: `recipients`"][0]]
    assert config("local")["alertRecipients"] == [rows()["Told of failures: `alertRecipients`"][0]]
    for stack in STACKS[1:]:
        assert not config(stack)["recipients"]
        assert not config(stack).get("alertRecipients")


def test_every_setting_of_a_stack_file_is_in_the_table_but_the_region() -> None:
    named = set(re.findall(r"`(\w+)`", " ".join(rows()))) - {"project", "stack"}
    used = {key for stack in STACKS for key in config(stack)} - {"location"}
    assert used == named


def test_what_is_acknowledged_is_in_the_docs() -> None:
    section = TEXT.partition("## What the flow checker says of the flow")[2].partition("\n## ")[0]
    assert set(re.findall(r"`([a-z]+(?:-[a-z]+)+)`", section)) == {item.rule for item in ACKNOWLEDGED}
