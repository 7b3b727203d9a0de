"""The kit as a person runs it, with the real engine: it deploys, probes, reports, and leaves nothing behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from localazure.testing import MockAzure
from localazure.threaded import ThreadedCloud

ROOT = Path(__file__).resolve().parents[3]
BIN = Path(sys.executable).parent
KIT = [sys.executable, str(ROOT / "scripts" / "verify_azure.py")]

pytestmark = [pytest.mark.engine, pytest.mark.cloud]


@pytest.fixture(scope="module")
def azure() -> Iterator[MockAzure]:
    """A cloud with the stand-in for the provider."""
    with ThreadedCloud() as cloud, MockAzure(cloud) as azure:
        yield azure


@pytest.fixture
def environ(engine: None, azure: MockAzure, tmp_path: Path) -> dict[str, str]:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    own = {
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "TMPDIR": str(temporary),
        "MARKETPLACE_LEADS_REHEARSAL": "1",
    }
    return {**os.environ, **azure.environment, **own}


def run(environ: dict[str, str], *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*KIT, *options], cwd=ROOT, env=environ, capture_output=True, text=True, timeout=240)


def test_it_deploys_probes_reports_and_removes_everything(
    azure: MockAzure, environ: dict[str, str], tmp_path: Path
) -> None:
    report = tmp_path / "report.json"
    wanted = ("no-drift-after-deploy", "second-up-changes-nothing", "flow-mails-a-lead", "shape-workflow", "run-answer")
    only = [part for id_ in wanted for part in ("--only", id_)]
    done = run(environ, "--stack", "verify-all", "--output", str(report), *only)
    assert done.returncode == 0, done.stdout + done.stderr
    told: dict[str, Any] = json.loads(report.read_text())
    assert {one["id"]: one["verdict"] for one in told["statements"]} == dict.fromkeys(wanted, "confirmed")
    assert (told["ended"], told["removed"], told["on"]) == ("complete", True, "local cloud")
    assert not azure.has_group("marketplace-leads-verify-all")
    assert list(Path(environ["TMPDIR"]).iterdir()) == []


def test_an_interrupt_removes_what_was_made(azure: MockAzure, environ: dict[str, str], tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    options = ["--stack", "verify-cut", "--output", str(report), "--only", "missing-data-fires"]
    with subprocess.Popen(
        [*KIT, *options], cwd=ROOT, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as kit:
        end = time.monotonic() + 120
        while not azure.has_group("marketplace-leads-verify-cut") and time.monotonic() < end and kit.poll() is None:
            time.sleep(0.05)
        kit.send_signal(signal.SIGINT)
        said = kit.communicate(timeout=120)[0].decode()
    assert kit.returncode == 1, said
    assert "interrupted; removing what was made" in said
    assert not azure.has_group("marketplace-leads-verify-cut"), said
    told = json.loads(report.read_text())
    assert (told["ended"], told["removed"]) == ("interrupted", True)
    assert list(Path(environ["TMPDIR"]).iterdir()) == []


def test_a_deployment_that_fails_leaves_nothing(azure: MockAzure, environ: dict[str, str], tmp_path: Path) -> None:
    """A region that there is none of: the program refuses it, and the kit still removes what is there and reports."""
    report = tmp_path / "report.json"
    done = run(environ, "--stack", "verify-wrong", "--output", str(report), "--location", "atlantis")
    assert done.returncode == 1
    assert "`pulumi up` failed" in done.stderr
    assert not azure.has_group("marketplace-leads-verify-wrong")
    told = json.loads(report.read_text())
    assert told["removed"]
    assert told["ended"].startswith("`pulumi up` failed")
    assert list(Path(environ["TMPDIR"]).iterdir()) == []


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--stack", "prod"], "not for throwing away"),
        (["--stack", "a/b"], "cannot be a stack's name"),
        (["--only", "nobody"], "there is no statement 'nobody'"),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_deployed(
    azure: MockAzure, environ: dict[str, str], options: list[str], says: str
) -> None:
    done = run(environ, *options)
    assert done.returncode == 2
    assert says in done.stderr
    assert list(Path(environ["TMPDIR"]).iterdir()) == []


def test_it_writes_into_no_group_that_is_there(azure: MockAzure, environ: dict[str, str]) -> None:
    azure.create_group("marketplace-leads-verify-taken")
    done = run(environ, "--stack", "verify-taken")
    assert done.returncode == 2
    assert "there is a resource group marketplace-leads-verify-taken already" in done.stderr
    assert azure.has_group("marketplace-leads-verify-taken")


@pytest.mark.parametrize("output", ["/nowhere/report.json", "/"])
def test_a_report_that_cannot_be_written_is_told_before_anything_is_deployed(
    azure: MockAzure, environ: dict[str, str], output: str
) -> None:
    done = run(environ, "--stack", "verify-unwritten", "--output", output)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"error: the report {output} cannot be written" in done.stderr
    assert not azure.has_group("marketplace-leads-verify-unwritten")
