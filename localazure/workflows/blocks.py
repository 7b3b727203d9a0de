"""Lists of actions that run together: the run's own, a branch of a block, one iteration of a loop."""

from __future__ import annotations

from collections.abc import Sequence

from localazure.workflows.state import RunState


def begin(state: RunState, owner: str | None, repetition: str, names: Sequence[str]) -> bool:
    """Set a list of actions going; False if it is empty, so that nothing will ever end it.

    `owner` is the block (None: the run); `repetition` that of its children.
    """
    state.frame(owner, repetition)["left"] = len(names)
    for name in names:
        if not state.program.nodes[name].depends:
            state.data["ready"].append([name, repetition])
    return bool(names)
