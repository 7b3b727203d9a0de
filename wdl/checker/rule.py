"""The table of warnings, and the one form in which a rule is declared.

A rule is one function of the flow that yields `(path, what)` for each fault: where it stands, and what it is in one
sentence. Why it matters and what to do belong to the rule. Its example is in docs/checker.md, and is a test::

    @rule(
        "until-without-limit",
        why="Azure then stops the loop after 60 rounds or one hour …",
        cure="Set `limit.count` and `limit.timeout`.",
    )
    def until_without_limit(flow: Flow) -> Spots: …
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module

from wdl.checker.flow import Flow
from wdl.definition import Path
from wdl.definition.vocabulary import words

Spots = Iterator[tuple[Path, str]]
Check = Callable[[Flow], Spots]

_MODULES = words("calls names schedules loops branches data queries conditions connections settings")


@dataclass(frozen=True)
class Rule:
    """A warning the checker can give."""

    name: str
    why: str
    cure: str
    check: Check


_RULES: dict[str, Rule] = {}


def rule(name: str, *, why: str, cure: str) -> Callable[[Check], Check]:
    """Declare the decorated function as the rule `name`."""

    def declare(check: Check) -> Check:
        _RULES[name] = Rule(name, why, cure, check)
        return check

    return declare


def all_rules() -> tuple[Rule, ...]:
    """All rules, in the order of their modules."""
    for module in _MODULES:
        import_module(f"wdl.checker.rules.{module}")
    return tuple(_RULES.values())
