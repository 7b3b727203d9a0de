"""The recorded cases and how one of ours is held against them."""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from wdl.conditions import compile_condition
from wdl.context import Context
from wdl.errors import ExpressionError
from wdl.template import compile_template
from wdl.values import dumps, loads

VECTORS = Path(__file__).parents[1] / "vectors"
FILES = ("typed", "expressions", "conditions")
ERROR_LENGTH = 500


@dataclass(frozen=True)
class Case:
    """One recorded case: its source, and the result as text or the message."""

    source: Any
    is_condition: bool
    result: str | None
    error: str | None


@dataclass(frozen=True)
class Answer:
    """What this interpreter makes of a case."""

    result: str | None
    error: str | None


@cache
def cases(name: str) -> tuple[Case, ...]:
    """All cases of one file."""
    with lzma.open(VECTORS / f"{name}.jsonl.xz", "rt", encoding="utf-8") as lines:
        return tuple(_case(json.loads(line)) for line in lines)


def _case(line: dict[str, Any]) -> Case:
    source = line.get("expr", line.get("condition"))
    return Case(source, "condition" in line, line.get("result_json", line.get("result")), line.get("error"))


def all_cases() -> Iterator[Case]:
    """The cases of all files."""
    for name in FILES:
        yield from cases(name)


@cache
def recorded_context() -> Context:
    """The context in which all cases were recorded."""
    actions = loads((VECTORS / "actions.json").read_text(encoding="utf-8"))
    assert isinstance(actions, dict)
    return Context(actions=actions)


def answer(case: Case) -> Answer:
    """Evaluate a case; the error as the recording keeps it: one line, at most 500 characters."""
    try:
        if case.is_condition:
            return Answer(str(compile_condition(case.source).evaluate(recorded_context())), None)
        return Answer(dumps(compile_template(case.source).evaluate(recorded_context())), None)
    except ExpressionError as error:
        return Answer(None, error.message.partition("\n")[0][:ERROR_LENGTH])
