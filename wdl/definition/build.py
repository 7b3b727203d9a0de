"""From the JSON of a definition to its model. Rules between the parts are in `wdl.definition.rules`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wdl.definition import vocabulary as words
from wdl.definition.errors import INVALID_CONTENT, DefinitionError, refused
from wdl.definition.model import (
    Action,
    Branch,
    Definition,
    Limit,
    Parameter,
    Trigger,
)
from wdl.definition.places import Places
from wdl.definition.reader import Reader, Report
from wdl.definition.recurrence import in_trigger, read_recurrence


def build(definition: Any, given: Mapping[str, Any], report: Report) -> Definition:
    """The model of a definition; `given` are parameters' values; what the engine cannot read goes to `report`."""
    root = Reader(definition, (), report)
    _schema(root)
    parameters = {name: _parameter(name, it) for name, it in root.child("parameters").children().items()}
    values = parameter_values(parameters, given)
    places = Places(root.raw)
    return Definition(
        parameters=parameters,
        triggers={name: _trigger(name, it, values, places) for name, it in root.child("triggers").children().items()},
        actions=_actions(root.child("actions")),
        outputs={name: it.raw for name, it in root.child("outputs").children().items()},
        static_results={name: it.raw for name, it in root.child("staticResults").children().items()},
        raw=root.raw,
    )


def _schema(root: Reader) -> None:
    schema = root.text("$schema")
    if schema is None:
        missing = "Required property '$schema' not found in JSON. Path ''."
        root.refuse(DefinitionError(INVALID_CONTENT, missing, (), rule="member-missing"))
    elif not any(version in schema for version in words.SCHEMA_VERSIONS):
        accepted = ",".join(words.SCHEMA_VERSIONS)
        message = f"The template schema '{schema}' is not supported. Supported versions are '{accepted}'."
        root.refuse(refused(message, root.at("$schema"), rule="schema-not-supported"))


def _parameter(name: str, it: Reader) -> Parameter:
    allowed = it.items("allowedValues")
    return Parameter(
        name=name,
        type=_required(it, "type", words.PARAMETER_TYPES) or "Object",
        default=it.get("defaultValue"),
        has_default="defaultValue" in it.raw,
        allowed=tuple(allowed) or None,
        raw=it.raw,
    )


def _required(it: Reader, name: str, among: tuple[str, ...]) -> str | None:
    if not it.present(name):
        message = f"Required property '{name}' not found in JSON. Path ''."
        it.refuse(DefinitionError(INVALID_CONTENT, message, it.path, rule="member-missing"))
    return it.enum(name, among)


def parameter_values(parameters: Mapping[str, Parameter], given: Mapping[str, Any]) -> dict[str, Any]:
    """What `parameters('…')` returns: the value given (`{"value": …}`), else the default."""
    values = {name: parameter.default for name, parameter in parameters.items() if parameter.has_default}
    spelled = {name.lower(): name for name in parameters}
    for name, holder in given.items():
        if name.lower() in spelled and isinstance(holder, Mapping) and "value" in holder:
            values[spelled[name.lower()]] = holder["value"]
    return values


def _trigger(name: str, it: Reader, values: Mapping[str, Any], places: Places) -> Trigger:
    report = in_trigger(it.refuse, lambda: f"template trigger '{name}' {places.at(it.path)}")
    return Trigger(
        **_operation(name, it),
        recurrence=read_recurrence(it.get("recurrence"), it.at("recurrence"), values, report)
        if it.present("recurrence")
        else None,
        split_on=it.text("splitOn"),
    )


def _operation(name: str, it: Reader) -> dict[str, Any]:
    return {
        "name": name,
        "type": _required(it, "type", words.TYPES) or "Compose",
        "kind": it.enum("kind", words.KINDS),
        "inputs": it.get("inputs"),
        "operation_options": it.flags("operationOptions", words.OPERATION_OPTIONS),
        "conditions": _conditions(it),
        "runtime_configuration": _runtime_configuration(it.child("runtimeConfiguration")),
        "raw": it.raw,
        "path": it.path,
    }


_NUMBERS = {"concurrency": ("runs", "repetitions", "maximumWaitingRuns"), "paginationPolicy": ("minimumItemCount",)}


def _runtime_configuration(it: Reader) -> dict[str, Any]:
    """The configuration with its numbers as integers."""
    configuration = dict(it.raw)
    for section, names in _NUMBERS.items():
        if it.present(section):
            inner = it.child(section)
            numbers = {name: inner.integer(name) for name in names if inner.present(name)}
            configuration[section] = {**inner.raw, **numbers}
    return configuration


def _conditions(it: Reader) -> tuple[str, ...]:
    found = (item.get("expression") for item in it.items("conditions") if isinstance(item, Mapping))
    return tuple(text for text in found if isinstance(text, str))


def _actions(it: Reader) -> dict[str, Action]:
    spelled = {name.lower(): name for name in it.raw}
    return {name: _action(name, child, spelled) for name, child in it.children().items()}


def _action(name: str, it: Reader, spelled: Mapping[str, str]) -> Action:
    return Action(
        **_operation(name, it),
        run_after=_run_after(it, spelled),
        branches=_branches(it),
        foreach=it.get("foreach"),
        expression=it.get("expression"),
        limit=Limit(it.child("limit").get("count"), it.child("limit").get("timeout")),
        static_result=_static_result(it),
    )


def _run_after(it: Reader, spelled: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    after = it.child("runAfter")
    found = {spelled.get(name.lower(), name): _statuses(after, name) for name in after.raw}
    for item in it.items("conditions"):  # schemas before 2016-06-01
        if isinstance(item, Mapping) and isinstance(item.get("dependsOn"), str):
            found[spelled.get(item["dependsOn"].lower(), item["dependsOn"])] = ("Succeeded",)
    return found


def _statuses(after: Reader, name: str) -> tuple[str, ...]:
    given = [str(item) for item in after.items(name)]
    found = (after.enum_value(item, words.RUN_STATUSES, after.at(name)) for item in given)
    return tuple(status for status in found if status)


def _static_result(it: Reader) -> Mapping[str, Any] | None:
    if not it.present("staticResult"):
        return None
    result = it.child("staticResult")
    result.enum("staticResultOptions", words.STATIC_RESULT_OPTIONS)
    return result.raw


def _branches(it: Reader) -> dict[str, Branch]:
    found: dict[str, Branch] = {}
    if it.present("actions"):
        found["actions"] = Branch("actions", _actions(it.child("actions")))
    for name in ("else", "default"):
        if it.present(name):
            found[name] = Branch(name, _actions(it.child(name).child("actions")))
    for group in ("cases", "tools"):
        for name, case in it.child(group).children().items():
            key = name if name not in found else f"{group}/{name}"  # a case may be called "default"
            found[key] = Branch(key, _actions(case.child("actions")), case.get("case"))
    return found
