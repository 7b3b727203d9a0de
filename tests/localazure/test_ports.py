"""Ports: nobody else gets one between its choice and its use; workers of a test run keep out of each other's way."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from localazure import pytest_plugin
from localazure.ports import HOST, VARIABLE, Ports, PortsUnknown, PortTaken, free_port, listen, port_of, port_range

_CHOOSE = """
import sys
from pathlib import Path
from localazure.ports import Ports, port_of

kept = Ports(Path(sys.argv[1]))
listeners = [kept.listen(name) for name in ("arm", "http", "smtp", "provider")]
print(*map(port_of, listeners), flush=True)
input()
"""


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> range:
    """A range of so few ports that two who choose at once meet."""
    first = free_port()
    monkeypatch.setenv(VARIABLE, f"{first}-{first + 8}")
    return range(first, first + 9)


def test_two_clouds_that_choose_at_once_get_ports_of_their_own(few: range, tmp_path: Path) -> None:
    clouds = [
        subprocess.Popen(
            [sys.executable, "-c", _CHOOSE, str(tmp_path / str(number))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(2)
    ]
    chosen = [int(port) for cloud in clouds if cloud.stdout for port in cloud.stdout.readline().split()]
    for cloud in clouds:
        cloud.communicate("\n")
    assert len(chosen) == len(set(chosen)) == 8
    assert set(chosen) <= set(few)


def test_a_kept_port_is_taken_again_or_refused(tmp_path: Path) -> None:
    with Ports(tmp_path / "ports.json").listen("arm") as first:
        port = port_of(first)
        assert first.getsockname()[0] == HOST
        with pytest.raises(PortTaken, match=f"Port {port} of 127.0.0.1, which this local cloud uses for arm, is taken"):
            Ports(tmp_path / "ports.json").listen("arm")
    with Ports(tmp_path / "ports.json").listen("arm") as again:
        assert port_of(again) == port


def test_what_is_sent_before_a_port_is_served_waits() -> None:
    with listen() as listener, socket.create_connection((HOST, port_of(listener)), 60) as early:
        early.sendall(b"hello")
        served, _ = listener.accept()
        with served:
            assert served.recv(5) == b"hello"


def test_a_range_without_a_free_port_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    with listen() as listener:
        monkeypatch.setenv(VARIABLE, f"{port_of(listener)}-{port_of(listener)}")
        with pytest.raises(PortTaken, match="No free port was found"):
            free_port()


@pytest.mark.parametrize("given", ["20000", "0-10", "2-1", "1-70000", "a-b", "20000-20999 "])
def test_a_range_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv(VARIABLE, given)
    with pytest.raises(PortsUnknown, match="it is a range of ports like 10240-32700"):
        port_range()


@pytest.mark.parametrize("workers", [1, 4, 64])
def test_each_worker_of_a_test_run_has_ports_of_its_own(monkeypatch: pytest.MonkeyPatch, workers: int) -> None:
    shares = []
    for worker in range(workers):
        monkeypatch.setenv("PYTEST_XDIST_WORKER", f"gw{worker}")
        monkeypatch.setenv("PYTEST_XDIST_WORKER_COUNT", str(workers))
        monkeypatch.setenv(VARIABLE, "")
        pytest_plugin.pytest_configure()
        shares.append(range(port_range()[0], port_range()[1] + 1))
    assert sum(map(len, shares)) == len(set().union(*shares))
    assert all(len(share) >= 300 for share in shares)
    assert min(map(min, shares)) >= 10240
    assert max(map(max, shares)) <= 32700


def test_a_range_that_was_given_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_XDIST_WORKER", "gw0")
    monkeypatch.setenv("PYTEST_XDIST_WORKER_COUNT", "2")
    monkeypatch.setenv(VARIABLE, "20000-20999")
    pytest_plugin.pytest_configure()
    assert port_range() == (20000, 20999)
