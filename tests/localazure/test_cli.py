"""The command `localazure`, as a person types it."""

from __future__ import annotations

import json
import os
import re
import signal
import smtplib
import socket
import subprocess
import sys
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import psutil
import pytest

pytestmark = pytest.mark.cloud
COMMAND = [sys.executable, "-m", "localazure"]


class Shell:
    """Runs the command against one data folder."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.environment = {**os.environ, "LOCALAZURE_HOME": str(data)}

    def __call__(self, *arguments: str, code: int = 0) -> str:
        done = self.run(*arguments)
        assert done.returncode == code, f"{arguments} → {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*COMMAND, *arguments], env=self.environment, capture_output=True, text=True, timeout=240, check=False
        )

    def spawn(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*COMMAND, *arguments],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def status(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.run("status", "--json").stdout)
        return found


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    made = Shell(tmp_path / "data")
    yield made
    made("stop")


def mail_to(smtp: str, subject: str) -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@example.com", "b@example.com", subject
    message.set_content("the text\n")
    host, _, port = smtp.partition(":")
    with smtplib.SMTP(host, int(port)) as session:
        session.send_message(message)


def test_start_status_env_stop(shell: Shell) -> None:
    assert "is stopped" not in shell("stop")
    assert "does not run" not in shell("status", code=3)
    said = shell("start")
    assert 'eval "$(localazure env)"' in said
    status = shell.status()
    assert status["running"] is True
    process = psutil.Process(status["pid"])
    assert "runs already" in shell("start")
    assert shell.status()["pid"] == process.pid
    variables = json.loads(shell.run("env", "--json").stdout)
    assert variables["LOCALAZURE_ARM_ENDPOINT"] == status["armEndpoint"]
    exported = shell.run("env").stdout
    assert set(re.findall(r"^export (\w+)=", exported, re.MULTILINE)) == set(variables)
    family = [process, *process.children(recursive=True)]
    assert "is stopped" in shell("stop")
    assert [one for one in family if one.is_running() and one.status() != psutil.STATUS_ZOMBIE] == []
    assert shell.status() == {"running": False, "data": str(shell.data)}
    # The addresses are known all the same.
    done = shell.run("env", "--json")
    assert json.loads(done.stdout) == variables
    assert "does not run" in done.stderr


def test_the_quick_commands_are_quick(shell: Shell) -> None:
    """Measured against the import of Typer, which every command needs: a busy machine slows both down."""
    shell("start")
    for command in ("env", "status"):
        spent = min(_cpu_seconds(*COMMAND, command, **shell.environment) for _ in range(3))
        needed = min(_cpu_seconds(sys.executable, "-c", "import typer", **shell.environment) for _ in range(3))
        assert spent < 6 * needed, f"{command} needs {spent:.2f} s of CPU, Typer alone {needed:.2f} s"


@pytest.mark.parametrize("command", ["env", "status"])
def test_the_quick_commands_load_nothing_heavy(shell: Shell, command: str) -> None:
    shell("start")
    listed = subprocess.run(
        [sys.executable, "-X", "importtime", *COMMAND[1:], command],
        env=shell.environment,
        capture_output=True,
        text=True,
        timeout=240,
        check=True,
    )
    loaded = {line.rpartition("|")[2].strip() for line in listed.stderr.splitlines()}
    assert "localazure.data_folder" in loaded
    assert not loaded & {
        "asyncio",
        "azure",
        "cryptography",
        "grpc",
        "httpx",
        "lxml",
        "rich",
        "starlette",
        "uvicorn",
        "wdl",
    }


def _cpu_seconds(*command: str, **environment: str) -> float:
    before = os.times()
    subprocess.run(command, env=environment, capture_output=True, timeout=240, check=True)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def test_two_starts_at_once_give_one_cloud(shell: Shell) -> None:
    starts = [shell.spawn("start") for _ in range(3)]
    said = [start.communicate(timeout=240)[0] for start in starts]
    assert [start.returncode for start in starts] == [0, 0, 0], "\n".join(said)
    assert sum("runs already" in text for text in said) == 2
    owners = [process for process in psutil.process_iter(["cmdline", "environ"]) if _serves(process, shell.data)]
    assert [process.pid for process in owners] == [shell.status()["pid"]]


def _serves(process: psutil.Process, data: Path) -> bool:
    try:
        command, environment = process.info["cmdline"] or [], process.info["environ"] or {}
    except psutil.Error:
        return False
    return "--foreground" in command and environment.get("LOCALAZURE_HOME") == str(data)


def test_a_killed_cloud_is_not_taken_for_a_running_one(shell: Shell) -> None:
    shell("start")
    first = shell.status()
    os.kill(first["pid"], signal.SIGKILL)
    psutil.wait_procs([psutil.Process(first["pid"])] if psutil.pid_exists(first["pid"]) else [], timeout=120)
    assert shell.status()["running"] is False
    assert "runs already" not in shell("start")
    again = shell.status()
    assert again["pid"] != first["pid"]
    assert again["armEndpoint"] == first["armEndpoint"]


def test_a_start_that_fails_says_why_and_leaves_nothing(shell: Shell) -> None:
    shell("start")
    smtp = shell.status()["smtp"]
    shell("stop")
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", int(smtp.partition(":")[2])))
        stranger.listen()
        said = shell("start", code=1)
    assert "for smtp, is taken by another program" in said
    assert "Traceback" not in said
    assert shell.status()["running"] is False
    shell("start")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_data_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "locked").mkdir(mode=0o500)
    said = Shell(tmp_path / "locked" / "data")("start", code=1)
    assert "Permission denied" in said
    assert "Traceback" not in said


def test_a_data_folder_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    said = Shell(tmp_path / "file")("start", code=1)
    assert "cannot be used" in said
    assert "Traceback" not in said


def test_foreground_ends_on_ctrl_c(shell: Shell) -> None:
    process = shell.spawn("start", "--foreground", "--no-auto-consent")
    assert process.stdout is not None
    for line in process.stdout:
        if "ready" in line:
            break
    status = shell.status()
    assert (status["running"], status["autoConsent"]) == (True, False)
    process.send_signal(signal.SIGINT)
    assert "stopped" in process.communicate(timeout=120)[0]
    assert process.returncode == 0
    assert shell.status()["running"] is False


def test_the_inbox_as_lines_and_as_text(shell: Shell) -> None:
    assert "localazure start" in shell("inbox", code=1)
    shell("start")
    assert shell("inbox", "--json") == ""
    smtp = shell.status()["smtp"]
    mail_to(smtp, "First: ä")
    mail_to(smtp, "Second")
    mails = [json.loads(line) for line in shell("inbox", "--json").splitlines()]
    assert [mail["subject"] for mail in mails] == ["First: ä", "Second"]
    assert mails[0].keys() >= {"id", "to", "subject", "text", "html", "received"}
    assert (mails[0]["to"], mails[0]["text"].strip(), mails[0]["html"]) == ("b@example.com", "the text", "")
    assert "Subject:  Second" in shell("inbox")
    shell("stop")
    assert len(shell("inbox", "--json").splitlines()) == 2


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_mails_are_printed_whatever_the_locale(shell: Shell, encoding: str) -> None:
    shell("start")
    mail_to(shell.status()["smtp"], "線索 ✓")
    shell.environment |= {"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    assert "Subject:  線索 ✓" in shell("inbox")
    assert json.loads(shell("inbox", "--json"))["subject"] == "線索 ✓"


def test_the_inbox_can_be_followed(shell: Shell) -> None:
    shell("start")
    smtp = shell.status()["smtp"]
    mail_to(smtp, "before")
    process = shell.spawn("inbox", "--json", "--follow")
    assert process.stdout is not None
    assert json.loads(process.stdout.readline())["subject"] == "before"
    mail_to(smtp, "after")
    assert json.loads(process.stdout.readline())["subject"] == "after"
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=120)
    assert process.returncode == 130


def test_reset_empties_it_and_keeps_addresses_and_credentials(shell: Shell) -> None:
    shell("start")
    before, variables = shell.status(), shell("env", "--json")
    mail_to(before["smtp"], "gone soon")
    (shell.data / "pulumi" / "state" / "stack.json").write_text("{}")
    assert "Delete all" in shell("reset", code=1)
    assert "empty" in shell("reset", "--yes")
    led_to = [
        Path(json.loads(variables)[name].removeprefix("file://")) for name in ("PULUMI_BACKEND_URL", "PULUMI_HOME")
    ]
    assert [list(path.iterdir()) for path in led_to] == [[], []], "a shell that was led there goes on"
    after = shell.status()
    assert after["running"] is True
    assert after["armEndpoint"] == before["armEndpoint"]
    assert shell("env", "--json") == variables
    assert shell("inbox", "--json") == ""
    assert not (shell.data / "pulumi" / "state" / "stack.json").exists()


def test_the_log_tells_of_start_and_stop_and_of_no_secret(shell: Shell) -> None:
    assert "no log yet" in shell("logs")
    shell("start")
    secret = json.loads(shell.run("env", "--json").stdout)["AZURE_CLIENT_SECRET"]
    shell("stop")
    log = shell("logs", "-n", "100")
    assert "ready: ARM https://127.0.0.1:" in log
    assert "stopped" in log
    assert secret not in log


def test_help_names_every_command(tmp_path: Path) -> None:
    said = Shell(tmp_path)("--help")
    for command in ("start", "stop", "status", "env", "reset", "inbox", "logs", "evaluate", "check"):
        assert command in said


def test_check_and_evaluate_are_there(shell: Shell, tmp_path: Path) -> None:
    assert shell("evaluate", "@add(1, 2)").strip() == "3"
    definition = tmp_path / "definition.json"
    definition.write_text(json.dumps({"definition": {"triggers": {}, "actions": {}}}))
    assert "definition.json" in shell.run("check", str(definition)).stdout


def test_a_start_and_a_stop_at_once_leave_nothing_running_in_the_end(shell: Shell) -> None:
    start = shell.spawn("start")
    shell("stop")
    start.communicate(timeout=240)
    shell("stop")
    assert shell.status()["running"] is False
