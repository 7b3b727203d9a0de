"""The files of the pipeline: valid by schema and linter, pinned, with least permissions, made of the make targets."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
ACTIONS = sorted((ROOT / ".github" / "actions").glob("*/action.yml"))
FILES = [*WORKFLOWS, *ACTIONS]
ids = [str(file.relative_to(ROOT / ".github")) for file in FILES]

PINNED = re.compile(r"^\s*(?:- )?uses: [\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")
READ = {"contents": "read"}
SIGNED_IN = {**READ, "id-token": "write"}
# What each job may do beyond reading the repository. A new job is entered here by somebody who thought about it.
PERMISSIONS = {
    "pull-request.lint": READ,
    "pull-request.test": READ,
    "pull-request.preview": SIGNED_IN,
    "pull-request.comment": {"pull-requests": "write"},
    "deliver.test": READ,
    "deliver.dev": SIGNED_IN,
    "deliver.staging": SIGNED_IN,
    "deliver.prod": SIGNED_IN,
    "stack.deploy": SIGNED_IN,
    "drift.drift": SIGNED_IN,
}


def read(file: Path) -> dict[str, Any]:
    """A workflow; the key `on`, which YAML 1.1 takes for a switch, is text again."""
    found = yaml.safe_load(file.read_text(encoding="utf-8"))
    return {"on" if key is True else key: value for key, value in found.items()}


def jobs() -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Every job as `file.job`, with its workflow."""
    for file in WORKFLOWS:
        workflow = read(file)
        for name, job in workflow["jobs"].items():
            yield f"{file.stem}.{name}", job, workflow


def steps() -> Iterator[tuple[str, dict[str, Any]]]:
    for name, job, _ in jobs():
        yield from ((name, step) for step in job.get("steps", []))
    for file in ACTIONS:
        yield from ((file.parent.name, step) for step in read(file)["runs"]["steps"])


def test_there_are_the_four_workflows_of_the_documentation() -> None:
    assert [file.stem for file in WORKFLOWS] == ["deliver", "drift", "pull-request", "stack"]
    told = (ROOT / "docs" / "pipeline.md").read_text(encoding="utf-8")
    assert all(f"{file.name}" in told for file in WORKFLOWS)


@pytest.mark.parametrize(("schema", "files"), [("github-workflows", WORKFLOWS), ("github-actions", ACTIONS)])
def test_they_follow_githubs_schema(schema: str, files: list[Path]) -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}", *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_schema_would_find_a_mistake(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yml"
    wrong.write_text("on: push\njobs:\n  a:\n    run-on: ubuntu-24.04\n    steps: []\n")
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows", str(wrong)]
    assert subprocess.run(command, capture_output=True).returncode != 0


@pytest.fixture(scope="session")
def actionlint(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The linter, built from its Go module; pinned with hashes in toolchain/actionlint."""
    go = shutil.which("go")
    if go is None:
        if os.environ.get("CI"):
            pytest.fail("no `go` although CI is set: GitHub's runners have it, and so must others that run this suite")
        pytest.skip("no `go` to build actionlint with; the schema and the rules below have looked at the files")
    folder = tmp_path_factory.mktemp("actionlint")
    build = [
        go,
        "build",
        "-trimpath",
        "-ldflags",
        "-s -w",
        "-o",
        str(folder),
        "github.com/rhysd/actionlint/cmd/actionlint",
    ]
    done = subprocess.run(build, cwd=ROOT / "toolchain" / "actionlint", capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return str(folder / "actionlint")


def test_actionlint_finds_nothing(actionlint: str) -> None:
    done = subprocess.run([actionlint, "-no-color", *map(str, WORKFLOWS)], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_actionlint_would_find_a_mistake(actionlint: str, tmp_path: Path) -> None:
    wrong = (ROOT / ".github/workflows/drift.yml").read_text().replace("matrix.stack }}", "matrix.stak }}", 1)
    (tmp_path / "wrong.yml").write_text(wrong)
    done = subprocess.run([actionlint, str(tmp_path / "wrong.yml")], cwd=ROOT, capture_output=True, text=True)
    assert '"stak" is not defined' in done.stdout


@pytest.mark.parametrize("file", FILES, ids=ids)
def test_actions_are_pinned_to_a_commit_and_say_its_version(file: Path) -> None:
    used = [line for line in file.read_text().splitlines() if re.match(r"\s*(- )?uses:", line)]
    foreign = [line for line in used if "uses: ./" not in line]
    assert used
    assert [line for line in foreign if not PINNED.match(line)] == []


def test_an_action_has_one_version_everywhere() -> None:
    pins: dict[str, set[str]] = {}
    for _, step in steps():
        name, _, commit = step.get("uses", "").partition("@")
        if commit:
            pins.setdefault(name, set()).add(commit)
    assert {name: commits for name, commits in pins.items() if len(commits) > 1} == {}


def test_a_workflow_may_do_nothing_and_each_job_only_what_it_needs() -> None:
    assert [file.name for file in WORKFLOWS if read(file).get("permissions") != {}] == []
    assert {name: job.get("permissions") for name, job, _ in jobs()} == PERMISSIONS


def test_only_jobs_that_sign_in_get_an_identity_and_only_by_it() -> None:
    for name, job, _ in jobs():
        signs_in = any("azure/login@" in step.get("uses", "") for step in job.get("steps", []))
        calls = "uses" in job
        assert ("id-token" in job["permissions"]) == (signs_in or calls), name


def test_no_secret_is_stored_anywhere() -> None:
    for file in FILES:
        text = file.read_text()
        assert not re.search(r"secrets\s*[.\[]|secrets: inherit", text), file.name
        assert "client-secret" not in text


def test_the_pull_request_cannot_steer_a_job_that_may_write() -> None:
    comment = read(ROOT / ".github/workflows/pull-request.yml")["jobs"]["comment"]
    assert [step["uses"].partition("@")[0] for step in comment["steps"] if "uses" in step] == [
        "actions/download-artifact"
    ]
    for file in WORKFLOWS:
        assert "pull_request_target" not in read(file)["on"]


def test_no_text_from_outside_becomes_part_of_a_script() -> None:
    for name, step in steps():
        assert "${{" not in step.get("run", ""), name


def test_checkouts_leave_no_token_behind() -> None:
    checkouts = [step for _, step in steps() if step.get("uses", "").startswith("actions/checkout@")]
    assert len(checkouts) >= 5
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


def test_nothing_runs_twice_on_the_same_thing() -> None:
    for name, job, workflow in jobs():
        is_called = "workflow_call" in workflow["on"]
        guard = job.get("concurrency") if is_called else workflow.get("concurrency")
        assert guard, name
    assert read(ROOT / ".github/workflows/pull-request.yml")["concurrency"]["cancel-in-progress"] is True


def test_no_update_is_cut_off_by_another_one() -> None:
    deploy = read(ROOT / ".github/workflows/stack.yml")["jobs"]["deploy"]
    assert deploy["concurrency"] == {"group": "stack-${{ inputs.stack }}", "cancel-in-progress": False}
    assert deploy["environment"] == "${{ inputs.stack }}"


def test_every_job_ends_by_itself() -> None:
    assert [name for name, job, _ in jobs() if "uses" not in job and "timeout-minutes" not in job] == []


def test_stacks_are_deployed_one_after_the_other_and_prod_last() -> None:
    deliver = read(ROOT / ".github/workflows/deliver.yml")["jobs"]
    assert [(name, job["needs"]) for name, job in deliver.items() if "needs" in job] == [
        ("dev", "test"),
        ("staging", "dev"),
        ("prod", "staging"),
    ]
    assert [job["with"] for job in deliver.values() if "with" in job] == [
        {"stack": "dev", "smoke": True},
        {"stack": "staging", "smoke": True},
        {"stack": "prod", "smoke": False},
    ]


def test_an_approved_old_commit_undoes_no_newer_one() -> None:
    deploy = read(ROOT / ".github/workflows/stack.yml")["jobs"]["deploy"]
    first, *rest = deploy["steps"]
    assert first["id"] == "newest"
    assert [step for step in rest if "steps.newest.outputs.is == 'yes'" not in step["if"]] == []


def test_the_steps_are_make_targets_that_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    called = [match for _, step in steps() for match in re.findall(r"^make ([a-z-]+)$", step.get("run", ""))]
    assert {"check", "preview", "deploy", "smoke", "drift", "setup"} <= set(called) <= targets


def test_each_stack_of_the_matrices_has_its_file() -> None:
    for name, job, _ in jobs():
        for stack in job.get("strategy", {}).get("matrix", {}).get("stack", []):
            assert (ROOT / f"Pulumi.{stack}.yaml").exists(), name


def test_a_sign_in_comes_right_before_what_needs_it() -> None:
    """A sign-in's proof is good for five minutes: no set-up may stand between it and what needs it."""
    for name, job, _ in jobs():
        kinds = [_kind(step) for step in job.get("steps", [])]
        for before, after in pairwise(kinds):
            assert before != "sign-in" or after == "make", name
            assert after != "make" or before in ("sign-in", "set-up"), name


def _kind(step: dict[str, Any]) -> str:
    if "azure/login@" in step.get("uses", ""):
        return "sign-in"
    if step.get("uses") == "./.github/actions/set-up":
        return "set-up"
    return "make" if step.get("run", "").startswith("make ") else "other"
