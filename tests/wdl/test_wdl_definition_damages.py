"""Real definitions with one fault put in, in the place that lies deepest: each class of refusal holds anywhere."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from wdl.definition import read_definition

ROOT = Path(__file__).parents[2]
FOLDERS = (ROOT / "tests" / "definitions", ROOT.parent / "shared" / "definitions")
Json = dict[str, Any]
S = ["Succeeded"]
ADDED = "Added_by_the_test"


def _accepted() -> list[Any]:
    """The definitions that the engine accepts, those that the project does not hold where they are there."""
    cases = []
    for folder in FOLDERS:
        index = folder / "index.json"
        entries = json.loads(index.read_text(encoding="utf-8")) if index.is_file() else []
        cases += [pytest.param(folder / one["file"], id=one["file"]) for one in entries if one["verdict"] == "OK"]
    return cases


def _levels(level: Json, depth: int = 0) -> list[tuple[int, Json]]:
    """Every list of actions in a definition with its depth."""
    found = [(depth, level)]
    for action in level.values():
        cases = [case.get("actions") for case in (action.get("cases") or {}).values()]
        others = [(action.get(name) or {}).get("actions") for name in ("else", "default")]
        for inner in (action.get("actions"), *others, *cases):
            found += _levels(inner, depth + 1) if isinstance(inner, dict) else []
    return found


def _deepest(definition: Json) -> Json:
    return max(_levels(definition["actions"]), key=lambda found: found[0])[1]


def _add(definition: Json, **members: Any) -> None:
    _deepest(definition)[ADDED] = {"type": "Compose", "inputs": 1, **members}


def _trigger(definition: Json, **members: Any) -> None:
    definition["triggers"] = {"Recurrence_of_the_test": {"type": "Recurrence", **members}}


def _parameter(definition: Json, **members: Any) -> None:
    definition.setdefault("parameters", {})["added"] = members


def _circle(definition: Json) -> None:
    _add(definition, runAfter={"Second": S})
    _deepest(definition)["Second"] = {"type": "Compose", "inputs": 1, "runAfter": {ADDED: S}}


def _same_name(definition: Json) -> None:
    _add(definition)
    definition["actions"]["Outer"] = {"type": "Scope", "actions": {ADDED.upper(): {"type": "Compose", "inputs": 1}}}


def _parallel(definition: Json) -> None:
    _add(definition, inputs="@concat('a', outputs('Second')?['x'])")
    _deepest(definition)["Second"] = {"type": "Compose", "inputs": 1}


def _many(definition: Json) -> None:
    _deepest(definition).update({f"Many_{i}": {"type": "Compose", "inputs": i} for i in range(501)})


def _condition(expression: Any) -> Callable[[Json], None]:
    return lambda definition: _add(definition, type="If", expression=expression, actions={})


def _hourly(**recurrence: Any) -> Callable[[Json], None]:
    return lambda definition: _trigger(definition, recurrence={"frequency": "Hour", "interval": 1, **recurrence})


FAULTS: dict[str, tuple[str, Callable[[Json], Any]]] = {
    "after an unknown action": ("run-after-unknown", lambda d: _add(d, runAfter={"Nowhere": S})),
    "after itself": ("run-after-itself", lambda d: _add(d, runAfter={ADDED: S})),
    "a circle": ("run-after-circle", _circle),
    "one name twice, in other letters": ("duplicate-name", _same_name),
    "an action that need not have run": ("action-not-on-path", _parallel),
    "an unknown action": ("action-not-defined", lambda d: _add(d, inputs={"a": ["x @{body('Nowhere')}"]})),
    "an unknown action in a condition": ("action-not-defined", _condition({"not": {"equals": ["@body('No')", 1]}})),
    "an unknown loop": ("loop-not-defined", lambda d: _add(d, inputs="@items('Nowhere')?['id']")),
    "an unknown type": ("unknown-value", lambda d: _add(d, type="Nothing")),
    "an unknown kind": ("unknown-value", lambda d: _add(d, kind="Nothing")),
    "an unknown option": ("unknown-value", lambda d: _add(d, operationOptions="DisableAsyncPattern, Nothing")),
    "an unknown status": ("unknown-value", lambda d: _add(d, runAfter={next(iter(_deepest(d)), ADDED): ["Done"]})),
    "an unknown frequency": ("unknown-value", _hourly(frequency="[parameters('every')]")),
    "an expression action without kind": ("kind-missing", lambda d: _add(d, type="Expression", inputs={})),
    "template text for an interval": ("not-an-integer", _hourly(interval="[variables('all').days]")),
    "no interval": ("member-missing", lambda d: _trigger(d, recurrence={"frequency": "Day"})),
    "an interval of 0": ("recurrence-not-valid", _hourly(interval=0)),
    "template text for a start": ("date-not-valid", _hourly(startTime="[parameters('start')]")),
    "no recurrence": ("recurrence-not-valid", _trigger),
    "a condition of a trigger that is no expression": (
        "trigger-condition",
        lambda d: _trigger(
            d, recurrence={"frequency": "Day", "interval": 1}, conditions=[{"expression": "[concat('@', 'true')]"}]
        ),
    ),
    "a parameter without value": ("parameter-value-missing", lambda d: _parameter(d, type="securestring")),
    "template text for an integer": ("parameter-type", lambda d: _parameter(d, type="Int", defaultValue="[int('1')]")),
    "template text for a boolean": ("parameter-type", lambda d: _parameter(d, type="bool", defaultValue="[true()]")),
    "template text for an object": (
        "parameter-type",
        lambda d: _parameter(d, type="object", defaultValue="[json('')]"),
    ),
    "doubled quotes": (
        "expression-syntax",
        lambda d: _add(d, inputs={"path": "[concat('/a/@{encodeURIComponent(body(''X'')?[''id''])}')]"}),
    ),
    "a bracket too few": (
        "expression-syntax",
        lambda d: _add(d, inputs="@less(ticks(utcNow()), ticks(addDays(utcNow(), 1))"),
    ),
    "text for a condition": ("condition-not-expression", _condition("[concat('@', 'equals(1,1)')]")),
    "an unknown operator": ("condition-operator", _condition({"and": [{"or": [{"isNothing": ["@1"]}]}]})),
    "a schema of ARM": ("schema-not-supported", lambda d: d.update({"$schema": "https://x/2015-01-01/deployment#"})),
    "no schema": ("member-missing", lambda d: d.pop("$schema")),
    "too many actions": ("too-many", _many),
}


# Before 2016 an action waited for what its expressions referred to, without saying so.
OF_RUN_AFTER = {"an action that need not have run", "an unknown loop"}


def _refusals(definition: Json) -> set[str]:
    return {refusal.rule for refusal in read_definition(definition).refused}


@pytest.mark.parametrize("file", _accepted())
def test_a_fault_anywhere_is_found(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert _refusals(json.loads(text)) == set()
    missed = {}
    for name, (rule, damage) in FAULTS.items():
        definition = json.loads(text)
        damage(definition)
        found = _refusals(definition)
        if rule not in found:
            missed[name] = found
    assert set(missed) == (OF_RUN_AFTER if "2015-08-01-preview" in text else set())
