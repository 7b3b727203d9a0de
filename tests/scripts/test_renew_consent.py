"""renew_consent.py: the page on this machine that a consent leads to. The whole way is in tests/e2e/test_consent.py."""

from __future__ import annotations

import socket
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from scripts._renewing import CodeReceiver


def test_the_code_comes_by_the_address_that_was_given() -> None:
    with CodeReceiver() as receiver, ThreadPoolExecutor() as pool:
        answer = pool.submit(httpx.get, receiver.address, params={"code": "abc/+="}, timeout=120)
        assert receiver.wait(120) == "abc/+="
        assert "You can close this page" in answer.result().text


@pytest.mark.parametrize("path", ["/?code=evil", "/guess?code=evil", "{own}", "{own}?other=x"])
def test_nobody_who_does_not_know_the_address_hands_in_a_code(path: str) -> None:
    with CodeReceiver() as receiver, ThreadPoolExecutor() as pool:
        own = receiver.address.rpartition("/")[2]
        base = receiver.address.removesuffix(f"/{own}")
        waiting = pool.submit(receiver.wait, 10)
        assert httpx.get(base + path.replace("{own}", f"/{own}"), timeout=120).status_code == 404
        httpx.get(receiver.address, params={"code": "right"}, timeout=120)
        assert waiting.result() == "right"


def test_it_waits_no_longer_than_it_is_told() -> None:
    with CodeReceiver() as receiver:
        begun = time.monotonic()
        assert receiver.wait(0.1) is None
        assert time.monotonic() - begun < 60


def test_it_listens_on_this_machine_only() -> None:
    with CodeReceiver() as receiver:
        assert receiver.address.startswith("http://127.0.0.1:")
        port = int(receiver.address.split(":")[2].split("/")[0])
        with socket.create_connection(("127.0.0.1", port), timeout=60) as silent:
            silent.close()
