"""What Logic Apps accepts and refuses when a workflow is saved, beyond what its template engine is known to check."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from verify.site import DAILY, Json, Site, compose
from verify.statement import Observation, Probe, Topic

TOPIC = Topic("What is refused when a workflow is saved")

_CHECKER = ("wdl/checker/__init__.py", "docs/checker.md")
_LIMITS = ("wdl/definition/__init__.py",)


def _nested(levels: int) -> Json:
    inner = _nested(levels - 1) if levels else {}
    return {f"Scope_{levels}": {"type": "Scope", "actions": inner, "runAfter": {}}}


def _switch(cases: int) -> Json:
    branches = {f"Case_{number}": {"case": number, "actions": {}} for number in range(cases)}
    rest = {"expression": "@1", "cases": branches, "default": {"actions": {}}, "runAfter": {}}
    return {"Switch": {"type": "Switch", **rest}}


def _loop(repetitions: int) -> Json:
    loop = {"type": "Foreach", "foreach": "@createArray(1)", "actions": {}, "runAfter": {}}
    return {"Loop": {**loop, "runtimeConfiguration": {"concurrency": {"repetitions": repetitions}}}}


def _declare(
    name: str, what: str, actions: Json, accepted: bool, places: tuple[str, ...], triggers: Mapping[str, Any] = DAILY
) -> None:
    verb = "is saved without complaint" if accepted else "is refused with 400"
    consequence = (
        "the local cloud accepts, and the checker warns of, what Azure refuses: the warning should be an error"
        if accepted
        else "the local cloud refuses what Azure accepts"
    )
    declare = TOPIC.statement(f"save-{name}", f"A workflow with {what} {verb}.", otherwise=consequence, places=places)
    declare(_probe(what, actions, triggers, accepted))


def _probe(what: str, actions: Json, triggers: Mapping[str, Any], accepted: bool) -> Probe:
    def probe(site: Site) -> Observation:
        answer = site.workflow().save(actions, triggers, state="Disabled")
        return Observation(answer.is_fine == accepted, {"status": answer.status, "code": answer.code})

    probe.__doc__ = f"Saves a disabled workflow with {what}."
    return probe


_PAST = {"type": "Expression", "kind": "GetPastTime", "inputs": {"interval": 1, "timeUnit": "Hours"}, "runAfter": {}}
_UNTIL = {"type": "Until", "expression": "@equals(1, 1)", "actions": {}, "runAfter": {}}
_LONG = f"@concat('{'x' * 8_192}')"
_TWICE = {**DAILY, "Recurrence_2": DAILY["Recurrence"]}

_declare("unknown-function", "a function that does not exist", {"A": compose("@nope(1)")}, True, _CHECKER)
_declare("wrong-time-unit", "the `timeUnit` `Hours`, which fails at run time", {"A": _PAST}, True, _CHECKER)
_declare("until-without-limit", "an Until without `limit`", {"Until": _UNTIL}, True, _CHECKER)
_declare("too-parallel", "a Foreach of 200 repetitions at a time (50 is the limit)", _loop(200), True, _CHECKER)
_declare("many-cases", "a Switch of 26 cases (25 is the documented limit)", _switch(26), True, _CHECKER)
_declare(
    "long-name", "an action name of 90 characters (80 is the documented limit)", {"A" * 90: compose(1)}, True, _CHECKER
)
_declare("no-trigger", "no trigger", {"A": compose(1)}, True, _CHECKER, {})
_declare("two-triggers", "two recurring triggers", {"A": compose(1)}, True, _CHECKER, _TWICE)
_declare("deep-nesting", "actions nested nine levels deep", _nested(9), False, _LIMITS)
_declare("long-expression", "an expression of more than 8,192 characters", {"A": compose(_LONG)}, False, _LIMITS)
