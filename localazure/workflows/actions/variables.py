"""Variables: initialize, set, increment, decrement, append.

Source: Azure page "Store and manage values by using variables"; texts from published run histories.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from localazure.workflows.outcome import ABSENT, ActionError, Outcome
from localazure.workflows.turn import Turn
from wdl.values import to_text, type_name

_TYPES = {
    "boolean": ("Boolean",),
    "integer": ("Integer",),
    "float": ("Float", "Integer"),
    "string": ("String",),
    "array": ("Array",),
    "object": ("Object",),
}
_MOST = 250
_APPENDABLE = "Float, Integer, String, Boolean, Object"


def initialize(turn: Turn) -> Outcome:
    """Inputs: `{"variables": [{"name", "type", "value"?}]}`; the type is shown capitalised."""
    inputs = turn.evaluate(turn.node.inputs)
    declared = inputs.get("variables") if isinstance(inputs, dict) else None
    if not isinstance(declared, list) or not all(isinstance(one, dict) for one in declared):
        raise _failed(f"The inputs of action '{turn.node.name}' hold no list 'variables' of objects.")
    shown = [_initialize(turn, one) for one in declared]
    turn.record["inputs"] = {"variables": shown}
    return Outcome(code="NotSpecified")


def _initialize(turn: Turn, declared: dict[str, Any]) -> dict[str, Any]:
    name, kind = str(declared.get("name")), str(declared.get("type", "")).lower()
    if kind not in _TYPES:
        raise _failed(f"The variable '{name}' has the type '{declared.get('type')}', which is not supported.")
    value = declared.get("value")
    if len(turn.state.data["variables"]) >= _MOST:
        raise _failed(f"The number of variables exceeds the maximum of '{_MOST}'.")
    turn.state.data["variables"][name] = {"type": kind, "value": _checked(name, kind, value)}
    shown = {"name": name, "type": kind.capitalize()}
    return {**shown, "value": value} if "value" in declared else shown


def assign(turn: Turn) -> Outcome:
    """SetVariable. Inputs: `{"name", "value"}`."""
    name, value, variable = _target(turn)
    variable["value"] = _checked(name, variable["type"], value)
    return Outcome(code="NotSpecified")


def increment(turn: Turn) -> Outcome:
    return _count(turn, lambda old, by: old + by)


def decrement(turn: Turn) -> Outcome:
    return _count(turn, lambda old, by: old - by)


def _count(turn: Turn, change: Callable[[Any, Any], Any]) -> Outcome:
    """Outputs `{"body": {"name", "value"}}` with the new value."""
    name, value, variable = _target(turn, default=1)
    if variable["type"] not in ("integer", "float") or _kind(value) not in ("Integer", "Float"):
        raise _mismatch(name, variable["type"], value)
    new = change(variable["value"] or 0, value)
    variable["value"] = _checked(name, variable["type"], new)
    return Outcome(code="NotSpecified", outputs={"body": {"name": name, "value": new}})


def append_to_array(turn: Turn) -> Outcome:
    name, value, variable = _target(turn)
    if variable["type"] != "array":
        raise _mismatch(name, variable["type"], value)
    if _kind(value) in ("Array", "Null"):
        raise _not_appendable(turn, name, variable["type"], value)
    # A new list: records of earlier actions may show the old one.
    variable["value"] = [*(variable["value"] or []), value]
    return Outcome(code="NotSpecified")


def append_to_string(turn: Turn) -> Outcome:
    """Null appends nothing, objects append their JSON."""
    name, value, variable = _target(turn)
    if variable["type"] != "string":
        raise _mismatch(name, variable["type"], value)
    variable["value"] = (variable["value"] or "") + to_text(value)
    return Outcome(code="NotSpecified")


def _target(turn: Turn, default: Any = ABSENT) -> tuple[str, Any, dict[str, Any]]:
    """Name, value and the variable itself."""
    inputs = turn.object_inputs()
    name = str(inputs.get("name"))
    variables = turn.state.data["variables"]
    found = next((key for key in variables if key.lower() == name.lower()), None)
    if found is None:
        raise _failed(
            f"The variable '{name}' must be initialized before it can be used inside action '{turn.node.name}'."
        )
    value = inputs.get("value", None if default is ABSENT else default)
    return found, default if value is None and default is not ABSENT else value, variables[found]


def _checked(name: str, kind: str, value: Any) -> Any:
    if value is not None and _kind(value) not in _TYPES[kind]:
        raise _mismatch(name, kind, value)
    return value


def _kind(value: Any) -> str:
    return type_name(value)


def _mismatch(name: str, kind: str, value: Any) -> ActionError:
    return _failed(
        f"The variable '{name}' of type '{kind.capitalize()}' cannot be initialized or updated with value of type "
        f"'{_kind(value)}'. The variable '{name}' only supports values of types '{', '.join(_TYPES[kind])}'."
    )


def _not_appendable(turn: Turn, name: str, kind: str, value: Any) -> ActionError:
    return _failed(
        f"The input value is of type '{_kind(value)}' which cannot be appended to the variable '{name}' of type "
        f"'{kind.capitalize()}'. The action type '{turn.node.type}' only supports values of types '{_APPENDABLE}'."
    )


def _failed(message: str) -> ActionError:
    return ActionError("BadRequest", message)
