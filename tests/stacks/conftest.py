"""No test of the program may find itself on a local cloud, or on Azure, by the shell it was started from."""

from __future__ import annotations

import os

import pytest


@pytest.fixture(autouse=True)
def neutral_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("LOCALAZURE_", "PULUMI_", "ARM_", "AZURE_", "MARKETPLACE_LEADS_")):
            monkeypatch.delenv(name)
