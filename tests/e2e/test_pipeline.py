"""The pipeline rehearsed on one machine: environments side by side, a drift, the refusal to destroy a protected one."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from arm_clients import ArmClients
from harness import LocalCloud, project_files

pytestmark = [pytest.mark.engine, pytest.mark.cloud]

UNPROTECTED = ("dev", "local")


def make(cloud: LocalCloud, target: str, stack: str, ok: bool = True, **variables: str) -> str:
    """A make target of the pipeline; what it said. Set-up is left out: the suite itself runs in what it installs."""
    done = cloud.run(
        "make",
        "--no-print-directory",
        "--old-file=setup",
        target,
        f"STACK={stack}",
        *(f"{name}={value}" for name, value in variables.items()),
        ok=ok,
        MARKETPLACE_LEADS_REHEARSAL="1",
    )
    assert ok or done.returncode != 0, done.stdout
    return done.stdout + done.stderr


def groups(cloud: LocalCloud) -> set[str]:
    return {name.removeprefix("marketplace-leads-") for name in ArmClients(cloud.environment).resource_groups()}


def stack_files() -> dict[str, bytes]:
    return project_files("Pulumi*.yaml")


def test_a_change_goes_through_the_environments(engine: None, cloud: LocalCloud, tmp_path: Path) -> None:
    before = stack_files()

    def deliver(stack: str) -> str:
        comment = tmp_path / f"{stack}.md"
        make(cloud, "preview", stack, MARKDOWN=str(comment))
        make(cloud, "deploy", stack)
        make(cloud, "smoke", stack)
        return comment.read_text()

    with ThreadPoolExecutor() as pool:
        staging = pool.submit(make, cloud, "deploy", "staging")
        comments = list(pool.map(deliver, UNPROTECTED))
        staging.result()

    assert groups(cloud) == {*UNPROTECTED, "staging"}
    assert all("does not exist yet" in comment for comment in comments)
    assert len(cloud.inbox()) >= len(UNPROTECTED)
    assert stack_files() == before, "a rehearsal must not write into the team's stack files"

    a_drift_is_found_where_it_is(cloud, tmp_path)
    a_protected_environment_is_not_destroyed(cloud)
    assert stack_files() == before


def a_drift_is_found_where_it_is(cloud: LocalCloud, tmp_path: Path) -> None:
    summary = tmp_path / "drift.md"
    ArmClients(cloud.environment).logic().workflows.disable("marketplace-leads-dev", "lead-notifier")
    with ThreadPoolExecutor() as pool:
        clean = pool.submit(make, cloud, "drift", "local")
        found = make(cloud, "drift", "dev", ok=False, MARKDOWN=str(summary))
        assert "was changed" not in clean.result()  # and it ended well
    assert 'update azure-native:logic:Workflow lead-notifier-workflow (state: "Enabled" → "Disabled")' in found
    assert "pulumi up --refresh --stack dev" in found
    assert '`state: "Enabled" → "Disabled"`' in summary.read_text()


def a_protected_environment_is_not_destroyed(cloud: LocalCloud) -> None:
    with ThreadPoolExecutor() as pool:
        refused = pool.submit(make, cloud, "destroy", "staging", ok=False)
        list(pool.map(lambda stack: make(cloud, "destroy", stack), UNPROTECTED))
    assert "stack 'staging' is protected, nothing was deleted" in refused.result()
    assert "pulumi config set protected false --stack staging" in refused.result()
    assert groups(cloud) == {"staging"}


def test_a_step_says_what_it_lacks(engine: None, tmp_path: Path) -> None:
    nothing = LocalCloud(tmp_path / "nowhere")
    assert "which stack?" in make(nothing, "deploy", "", ok=False)
    assert "the local cloud does not run; start it" in make(nothing, "drift", "dev", ok=False)
    told = nothing.run(sys.executable, "scripts/pipeline.py", "drift", "--stack", "local", ok=False).stderr
    assert "the local cloud does not run; start it" in told
