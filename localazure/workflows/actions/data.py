"""Compose: the value of its inputs."""

from __future__ import annotations

from localazure.workflows.outcome import Outcome
from localazure.workflows.turn import Turn


def compose(turn: Turn) -> Outcome:
    """Outputs are the evaluated inputs themselves."""
    return Outcome(outputs=turn.inputs())
