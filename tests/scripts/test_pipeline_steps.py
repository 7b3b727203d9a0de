"""What Pulumi's JSON tells, as lines and as a comment; the team's stack file, fit for a rehearsal."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from scripts._changes import COMMENT_CHARACTERS, Change, ChangesError, as_markdown, failure_as_markdown, read_changes
from scripts._pipeline import RefusedError, destroy
from scripts._project import ROOT, Project, ProjectError, open_project, read_yaml, rehearsed, write_yaml

URN = "urn:pulumi:dev::marketplace-leads::marketplace-leads:stacks:Notifier$azure-native:logic:Workflow::flow"


def said(*steps: dict[str, Any], diagnostics: tuple[dict[str, Any], ...] = ()) -> str:
    return json.dumps({"steps": list(steps), "diagnostics": list(diagnostics), "changeSummary": {}})


def update(old: dict[str, Any], new: dict[str, Any], *paths: str) -> dict[str, Any]:
    return {
        "op": "update",
        "urn": URN,
        "oldState": {"inputs": old},
        "newState": {"inputs": new},
        "detailedDiff": {path: {"kind": "update"} for path in paths},
    }


def test_an_update_tells_its_properties_with_short_values() -> None:
    step = update({"state": "Enabled", "tags": {"a": 1}}, {"state": "Disabled", "tags": {"a": 2}}, "state", "tags.a")
    assert read_changes(said(step)) == [
        Change("update", "azure-native:logic:Workflow", "flow", ('state: "Enabled" → "Disabled"', "tags.a: 1 → 2"))
    ]


def test_long_values_objects_and_paths_into_lists_are_only_named() -> None:
    step = update({"a": "x" * 99, "b": {}, "c": [1]}, {"a": "y", "b": {"d": 1}, "c": [2]}, "a", "b", "c[0]")
    assert read_changes(said(step))[0].properties == ("a", "b", "c[0]")


def test_what_the_program_leaves_to_others_says_so() -> None:
    step = update({}, {}, "properties.statuses[0].status", "tags")
    step["newState"]["ignoreChanges"] = ["properties.statuses", "tags"]
    assert read_changes(said(step))[0].ignored
    step["detailedDiff"]["properties.statusesOfAnother"] = {}
    assert not read_changes(said(step))[0].ignored


def test_a_resource_that_somebody_deleted_is_left_to_nobody() -> None:
    step = {**update({}, {}, "tags"), "op": "delete"}
    step["newState"]["ignoreChanges"] = ["tags"]
    assert not read_changes(said(step))[0].ignored


def test_what_stays_as_it_is_is_no_change() -> None:
    steps = [{"op": op, "urn": URN} for op in ("same", "read", "refresh")]
    assert read_changes(said(*steps)) == []


def test_a_replacement_is_one_change() -> None:
    steps = [{"op": op, "urn": URN} for op in ("create-replacement", "replace", "delete-replaced")]
    assert [str(change) for change in read_changes(said(*steps))] == ["replace azure-native:logic:Workflow flow"]


def test_an_error_of_the_program_is_told_in_its_words() -> None:
    problem = {"severity": "error", "message": "error: 1 setting of stack 'dev' must be mended"}
    with pytest.raises(ChangesError, match=r"^1 setting of stack 'dev' must be mended$"):
        read_changes(said(diagnostics=(problem,)))


def test_no_answer_tells_what_the_engine_said_instead() -> None:
    with pytest.raises(ChangesError, match="passphrase"):
        read_changes("", "error: incorrect passphrase")


def test_a_comment_shows_changes_as_a_table_that_nothing_breaks() -> None:
    text = as_markdown("`dev`", [Change("update", "t", "a|b`c", ("x: 1 → 2",))], "Nothing.")
    assert text.endswith("| update | `t` `a\\|b'c` | `x: 1 → 2` |\n")
    assert as_markdown("`dev`", [], "Nothing.") == "### `dev`\n\nNothing.\n"


def test_a_comment_is_cut_before_github_would_refuse_it() -> None:
    text = as_markdown("`dev`", [Change("update", "t", f"resource-{number}") for number in range(5000)], "")
    assert len(text) < COMMENT_CHARACTERS + 200
    shown = text.count("| update |")
    assert f"… and {5000 - shown} more" in text


def test_a_failure_cannot_end_its_block() -> None:
    assert failure_as_markdown("`dev`", "a\n```\n# b").count("```") == 2


@pytest.fixture
def rehearsal(tmp_path: Path) -> dict[str, str]:
    """An environment that rehearses; nothing has to run for opening a project."""
    return {
        "MARKETPLACE_LEADS_REHEARSAL": "1",
        "LOCALAZURE_HOME": str(tmp_path),
        "LOCALAZURE_ARM_ENDPOINT": "https://127.0.0.1:1",
        "PULUMI_DEBUG_PROVIDERS": "azure-native:2",
        "PULUMI_BACKEND_URL": f"file://{tmp_path / 'state'}",
    }


def test_what_is_set_in_a_rehearsal_stays_until_the_teams_file_changes(rehearsal: dict[str, str]) -> None:
    config = open_project("staging", rehearsal).config_file
    own = read_yaml(config)
    write_yaml(config, {**own, "config": {**own["config"], "marketplace-leads:protected": False}})
    assert read_yaml(open_project("staging", rehearsal).config_file)["config"]["marketplace-leads:protected"] is False
    os.utime(config, (0, 0))
    assert read_yaml(open_project("staging", rehearsal).config_file) == own


def test_commands_for_people_name_the_folder_of_a_rehearsal(rehearsal: dict[str, str]) -> None:
    project = open_project("staging", rehearsal)
    assert project.by_hand("refresh") == f"pulumi refresh --stack staging --cwd {project.folder}"
    assert open_project("local", rehearsal).by_hand("refresh") == "pulumi refresh --stack local"


def test_a_stack_without_a_file_cannot_be_rehearsed(rehearsal: dict[str, str]) -> None:
    with pytest.raises(ProjectError, match=r"no Pulumi\.nobody\.yaml to rehearse; stacks with a file: dev, local"):
        open_project("nobody", rehearsal)


def test_a_stack_on_azure_keeps_its_folder_and_environment() -> None:
    project = open_project("prod", {"PATH": "/bin"})
    assert (project.folder, project.environ) == (ROOT, {"PATH": "/bin"})


TEAM = {
    "secretsprovider": "azurekeyvault://team.vault.azure.net/keys/pulumi",
    "encryptedkey": "abc",
    "config": {"marketplace-leads:location": "westeurope", "marketplace-leads:recipients": []},
}


def test_a_rehearsal_keeps_the_settings_and_leaves_the_teams_key_vault_alone() -> None:
    own = rehearsed("staging", TEAM)
    assert set(own) == {"encryptionsalt", "config"}
    assert own["config"] == {
        "marketplace-leads:location": "westeurope",
        "marketplace-leads:recipients": ["staging@example.com"],
    }


def test_a_rehearsal_keeps_recipients_that_somebody_has_set() -> None:
    team = {"config": {"marketplace-leads:recipients": ["anna@contoso.com"]}}
    assert rehearsed("dev", team)["config"]["marketplace-leads:recipients"] == ["anna@contoso.com"]


def test_a_rehearsal_does_without_the_teams_secrets() -> None:
    secret = {"secure": "v1:abc"}
    team = {
        "config": {
            "marketplace-leads:mailChannel": "smtp",
            "marketplace-leads:smtpHost": secret,
            "marketplace-leads:smtpUser": "leads",
            "marketplace-leads:smtpPassword": secret,
        }
    }
    assert rehearsed("dev", team)["config"] == {
        "marketplace-leads:mailChannel": "smtp",
        "marketplace-leads:smtpHost": "smtp.example.com",
        "marketplace-leads:recipients": ["dev@example.com"],
    }


@dataclass(frozen=True)
class Exported(Project):
    """A stack with these protected resources in its state."""

    protected: tuple[str, ...] = ()

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        resources = [
            {"type": f"azure-native:x:{one}", "urn": "a::b", "custom": True, "protect": True} for one in self.protected
        ]
        said = json.dumps({"deployment": {"resources": resources}})
        return subprocess.CompletedProcess(arguments, 0, said, "")


@pytest.mark.parametrize(
    ("protected", "told"),
    [
        (("StorageAccount", "Connection"), "its leads would be lost, and Microsoft would have nowhere to deliver"),
        (
            ("Connection",),
            "Connection b the consent of its mail connection would be lost. The way out: `pulumi config set",
        ),
    ],
)
def test_a_refused_destroy_tells_what_would_be_lost(protected: tuple[str, ...], told: str) -> None:
    with pytest.raises(RefusedError, match=re.escape(told)):
        destroy(Exported("prod", ROOT, {}, protected))


@pytest.mark.parametrize("step", ["preview", "drift", "smoke", "destroy", "deploy"])
def test_a_cloud_that_is_gone_is_told_in_one_line(rehearsal: dict[str, str], step: str) -> None:
    command = [sys.executable, "scripts/pipeline.py", step, "--stack", "staging"]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **rehearsal}, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "error: The local cloud does not run (https://127.0.0.1:1). Run: localazure start\n"


ENGINE = """
import signal, sys, time
from pathlib import Path

def end(*_):
    time.sleep(1)  # what it is making takes longer than subprocess.run waits before it kills
    Path("ended").touch()
    sys.exit(1)

signal.signal(signal.SIGINT, end)
Path("began").touch()
time.sleep(60)
"""
STEP = f"""
import os, sys
from pathlib import Path
from scripts._project import Project, retold

class OfAnEngine(Project):
    def command(self, *arguments):
        return [sys.executable, "-c", {ENGINE!r}]

project = OfAnEngine("dev", Path(sys.argv[1]), os.environ)
sys.exit(retold(lambda: getattr(project, sys.argv[2])("up"), print))
"""


@pytest.mark.parametrize("how", ["show", "run"])
def test_an_interrupted_engine_ends_what_it_has_begun(tmp_path: Path, how: str) -> None:
    command = [sys.executable, "-c", STEP, str(tmp_path), how]
    step = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True)
    deadline = time.monotonic() + 60
    while not (tmp_path / "began").exists():
        assert step.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)
    os.killpg(step.pid, signal.SIGINT)  # as the terminal does: to the engine too
    told, _ = step.communicate(timeout=60)
    assert (told, step.returncode) == ("interrupted\n", 130)
    assert (tmp_path / "ended").exists()
