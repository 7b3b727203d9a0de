"""What an expression may see of a run."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from wdl.errors import ExpressionError
from wdl.values import Value


class _Absent:
    """Marks `Context.item` outside a Query, Select or Foreach."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = _Absent()


def _no_result(scope: str) -> list[Any]:
    raise ExpressionError(f"The template function 'result' cannot be evaluated: the scope '{scope}' has not finished.")


def _no_callback(*_: object) -> str:
    raise ExpressionError("The template function 'listCallbackUrl' is not expected at this location.")


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True)
class Context:
    """A run as expressions see it. Names (of actions, parameters, variables, loops) match case-insensitively.

    `actions`: finished records, `{"name", "inputs", "outputs", "status", "code", "startTime", …}`.
    `trigger`: the trigger's record, or None where a workflow has none. `action`: the record `action()` returns.
    `parameters`, `variables`: name → value. `workflow`: what `workflow()` returns.
    `items`, `iteration_indexes`: loop name → current item or index. `item`: what `item()` returns, or `ABSENT`.
    `result(scope)`: records of the actions in a scope. `list_callback_url()`: the URL of the trigger or a webhook.
    `utc_now()`: an aware datetime. `random`: the source of `rand` and `guid`.
    """

    actions: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    trigger: Mapping[str, Any] | None = None
    action: Mapping[str, Any] | None = None
    parameters: Mapping[str, Value] = field(default_factory=dict)
    variables: Mapping[str, Value] = field(default_factory=dict)
    workflow: Mapping[str, Any] = field(default_factory=dict)
    items: Mapping[str, Value] = field(default_factory=dict)
    iteration_indexes: Mapping[str, int] = field(default_factory=dict)
    item: Value | _Absent = ABSENT
    result: Callable[[str], list[Any]] = _no_result
    list_callback_url: Callable[..., str] = _no_callback
    utc_now: Callable[[], datetime] = _now
    random: random.Random = field(default_factory=random.Random)


def lookup(names: Mapping[str, Any], name: str) -> str | None:
    """The key of `names` that equals `name`, exactly or without regard to case; None when there is none."""
    if name in names:
        return name
    folded = name.lower()
    return next((key for key in names if key.lower() == folded), None)
