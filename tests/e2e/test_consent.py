"""A person's consent survives everything that is done to a stack; one that lapses is found, told of and renewed.

The local cloud is told to be as strict as Azure may be: every PUT of a connection takes its consent away.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from arm_clients import ArmClients
from harness import ROOT, LocalCloud, Stack, rehearse

pytestmark = [
    pytest.mark.engine,
    pytest.mark.cloud,
    pytest.mark.parametrize("cloud", [("--no-auto-consent", "--put-drops-consent")], indirect=True),
]

WEB = "2016-06-01"
API = "azure-native:web:Connection"
LOGICAL = "connections-office365"


def test_nothing_that_is_done_to_a_stack_drops_the_consent(engine: None, cloud: LocalCloud, tmp_path: Path) -> None:
    stack = rehearse(cloud, tmp_path / "staging", "staging", alertRecipients="operations@contoso.com")
    stack.up()
    outside_changes_come_into_the_state(stack)
    assert status(stack) == "Connected"

    stack.configure(tags="team=sales", subject="Leads of today")
    assert "updated" in stack.up()
    assert status(stack) == "Connected", "by up"

    stack.script("rotate_keys.py", "key1", "--settle", "0")
    stack.up("--refresh")
    assert status(stack) == "Connected", "by a key rotation"

    the_connection_is_lost_from_the_state_and_imported(stack)
    assert "unchanged" in stack.up()
    assert status(stack) == "Connected", "by an import"
    stack.seed()


def outside_changes_come_into_the_state(stack: Stack) -> None:
    """What Azure and people change of a connection would, as inputs, lead to a PUT in the next update."""
    put(stack, displayName="By hand")
    assert status(stack) == "Unauthenticated"
    consent(stack)
    stack.pulumi("refresh", "--yes", "--skip-preview")
    inputs = inputs_of(stack)["properties"]
    assert (inputs["displayName"], inputs["statuses"]) == ("By hand", [{"status": "Connected"}])
    stack.up("--expect-no-changes")


def the_connection_is_lost_from_the_state_and_imported(stack: Stack) -> None:
    state = json.loads(stack.export())
    lost = next(one for one in state["deployment"]["resources"] if one["urn"].endswith(f"::{LOGICAL}"))
    state["deployment"]["resources"].remove(lost)
    for one in state["deployment"]["resources"]:
        one["dependencies"] = [urn for urn in one.get("dependencies", []) if urn != lost["urn"]]
        found = one.get("propertyDependencies", {})
        one["propertyDependencies"] = {key: [urn for urn in urns if urn != lost["urn"]] for key, urns in found.items()}
    file = stack.folder / "state.json"
    file.write_text(json.dumps(state))
    stack.pulumi("stack", "import", "--file", str(file))
    parent = f"connections={lost['parent']}"
    stack.pulumi("import", API, LOGICAL, lost["id"], "--parent", parent, "--yes", "--generate-code=false")
    assert "statuses" in inputs_of(stack)["properties"]


def test_a_lapsed_consent_is_found_told_by_another_way_and_renewed(
    engine: None, cloud: LocalCloud, tmp_path: Path
) -> None:
    stack = rehearse(cloud, tmp_path / "dev", "dev", alertRecipients="operations@contoso.com")
    stack.up()
    consent(stack)
    assert "has its consent" in stack.script("renew_consent.py").stdout
    put(stack)
    assert status(stack) == "Unauthenticated", "a PUT drops the consent"

    failed = stack.seed("--keep", ok=False)
    assert "Send_an_email" in failed.stdout + failed.stderr
    alert = wait_for_mail(cloud, "operations@contoso.com")
    assert "RunsFailed" in alert["text"]
    assert all("New leads!" not in mail["subject"] for mail in cloud.inbox()), "the lapsed channel sends nothing"

    checked = stack.script("manage_flow.py", "check", ok=False)
    assert checked.returncode == 1
    assert "connection office365: Error: This connection is not authenticated" in checked.stdout
    assert "scripts/renew_consent.py --stack dev" in checked.stdout

    consent(stack, "new-sender@contoso.com")
    assert status(stack) == "Connected"
    stack.seed()
    assert cloud.inbox()[-1]["from"] == "new-sender@contoso.com"


def consent(stack: Stack, account: str = "sender@contoso.com") -> None:
    """As a person does: the command, the page it leads to, the account, the page that it ends on."""
    path = {**stack.cloud.environment, "LOCALAZURE_HOME": str(stack.cloud.data), "MARKETPLACE_LEADS_REHEARSAL": "1"}
    command = [sys.executable, "scripts/renew_consent.py", "--stack", stack.name, "--no-browser", "--timeout", "60"]
    process = subprocess.Popen(command, cwd=ROOT, env=own_environment(path), stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    lines = iter(process.stdout.readline, "")
    page = next(found[0] for line in lines if (found := re.search(r"http://127\.0\.0\.1:\S+", line)))
    code = page.partition("code=")[2]
    end = httpx.post(page, data={"code": code, "account": account}, follow_redirects=True, trust_env=False)
    assert "You can close this page" in end.text
    assert "has its consent" in process.stdout.read()
    assert process.wait(120) == 0


def own_environment(variables: dict[str, str]) -> dict[str, str]:
    return {**os.environ, **variables, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}


def put(stack: Stack, **changes: str) -> None:
    """Write over the connection, as somebody in a hurry does."""
    found = connection(stack)
    properties = {"api": {"id": found["properties"]["api"]["id"]}, "displayName": "Office 365 Outlook", **changes}
    body = {"location": found["location"], "properties": properties}
    poller = resources(stack).begin_create_or_update_by_id(found["id"], body, api_version=WEB)
    poller.result()


def status(stack: Stack) -> str:
    found = connection(stack)["properties"]["statuses"][0]
    return str(found["status"] if "error" not in found else found["error"]["code"])


def connection(stack: Stack) -> dict[str, Any]:
    group = f"/subscriptions/{stack.cloud.environment['LOCALAZURE_SUBSCRIPTION_ID']}/resourceGroups/marketplace-leads-"
    name = f"{group}{stack.name}/providers/Microsoft.Web/connections/office365"
    found: dict[str, Any] = resources(stack).get_by_id(name, api_version=WEB).as_dict()
    return found


def resources(stack: Stack) -> Any:
    return ArmClients(stack.cloud.environment).resources().resources


def inputs_of(stack: Stack) -> dict[str, Any]:
    listed = json.loads(stack.export())["deployment"]["resources"]
    return next(one["inputs"] for one in listed if one["urn"].endswith(f"::{LOGICAL}"))


def wait_for_mail(cloud: LocalCloud, to: str, seconds: float = 120) -> dict[str, str]:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        for mail in cloud.inbox():
            if to in mail["to"]:
                return mail
        time.sleep(0.2)
    pytest.fail(f"no mail to {to}, only {[(mail['to'], mail['subject']) for mail in cloud.inbox()]}")
