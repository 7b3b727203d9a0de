"""Pulumi.yaml and the stack files in the hands of the real CLI: no file is rewritten, errors are the program's own."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent

pytestmark = pytest.mark.engine


@dataclass
class Project:
    """A copy of the program with a Pulumi state, home and passphrase of its own, and no local cloud."""

    folder: Path
    environment: dict[str, str]

    def pulumi(self, *arguments: str, ok: bool = True) -> str:
        done = subprocess.run(
            ["pulumi", *arguments, "--non-interactive"],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert (done.returncode == 0) is ok, done.stdout + done.stderr
        return done.stdout + done.stderr


@pytest.fixture
def project(engine: None, tmp_path: Path) -> Project:
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    folder = tmp_path / "project"
    folder.mkdir()
    for name in ("Pulumi.yaml", "Pulumi.local.yaml", "Pulumi.dev.yaml", "__main__.py"):
        shutil.copy(ROOT / name, folder / name)
    for name in ("stacks", "notifier", "wdl", ".venv"):
        (folder / name).symlink_to(ROOT / name)
    (tmp_path / "state").mkdir()
    settings = {
        "PULUMI_BACKEND_URL": f"file://{tmp_path / 'state'}",
        "PULUMI_HOME": str(tmp_path / "home"),
        "PULUMI_CONFIG_PASSPHRASE": "localazure",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
    }
    return Project(folder, {**os.environ, **settings, "PATH": path})


def test_the_cli_leaves_the_local_stacks_file_alone(project: Project) -> None:
    before = (project.folder / "Pulumi.local.yaml").read_bytes()
    project.pulumi("stack", "init", "local")
    assert "sales@contoso.com" in project.pulumi("config", "--stack", "local")
    project.pulumi("preview", "--stack", "local", ok=False)
    project.pulumi("destroy", "--yes", "--skip-preview", "--stack", "local")
    assert (project.folder / "Pulumi.local.yaml").read_bytes() == before


def test_the_local_stacks_salt_belongs_to_the_local_clouds_passphrase(project: Project) -> None:
    project.environment["PULUMI_CONFIG_PASSPHRASE"] = "another"
    assert "incorrect passphrase" in project.pulumi("stack", "init", "local", ok=False)


def test_wrong_values_reach_the_program_which_says_how_to_mend_them(project: Project) -> None:
    project.pulumi("stack", "init", "dev")
    for key, value in {"interval": "abc", "smtpPort": "x", "smtpTls": "maybe", "tags": "a", "recipients": "b"}.items():
        project.pulumi("config", "set", key, value, "--stack", "dev")
    project.pulumi("config", "set", "smtpPassword", "hunter2", "--stack", "dev")
    said = project.pulumi("preview", "--stack", "dev", ok=False)
    assert "6 settings of stack 'dev' must be mended:" in said
    for key in ("interval", "smtpPort", "smtpTls", "tags", "recipients"):
        assert f"pulumi config set {key} " in said
    assert "pulumi config set --secret smtpPassword --stack dev" in said
    assert "hunter2" not in said
    assert "Traceback" not in said


def test_a_new_azure_stack_asks_for_its_recipients_first(project: Project) -> None:
    project.pulumi("stack", "init", "dev")
    said = project.pulumi("preview", "--stack", "dev", ok=False)
    assert "recipients: there is no value" in said or "recipients: '[]' is not allowed" in said
    assert "pulumi config set recipients sales@contoso.com --stack dev" in said


def test_the_local_stack_refuses_to_run_without_the_local_cloud(project: Project) -> None:
    project.pulumi("stack", "init", "local")
    said = project.pulumi("preview", "--stack", "local", ok=False)
    assert "Stack 'local' runs on the local cloud only" in said
    assert 'eval "$(localazure env)"' in said
    assert "Traceback" not in said


def test_every_other_stack_refuses_to_run_with_the_local_cloud(project: Project) -> None:
    project.pulumi("stack", "init", "dev")
    project.environment |= {
        "LOCALAZURE_ARM_ENDPOINT": "https://127.0.0.1:1",
        "PULUMI_DEBUG_PROVIDERS": "azure-native:1",
    }
    said = project.pulumi("preview", "--stack", "dev", ok=False)
    assert "Stack 'dev' is meant for Azure, but this shell points to the local cloud" in said
    assert "pulumi stack select local" in said
    assert "Traceback" not in said


def test_a_local_cloud_that_does_not_run_is_told_at_once(project: Project) -> None:
    project.pulumi("stack", "init", "local")
    with socket.create_server(("127.0.0.1", 0)) as taken:  # closed again: nobody listens there
        port = taken.getsockname()[1]
    project.environment |= {
        "LOCALAZURE_ARM_ENDPOINT": f"https://127.0.0.1:{port}",
        "PULUMI_DEBUG_PROVIDERS": f"azure-native:{port}",
    }
    said = project.pulumi("preview", "--stack", "local", ok=False)
    assert f"The local cloud does not run (https://127.0.0.1:{port})" in said
    assert "localazure start" in said
