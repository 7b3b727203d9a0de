"""The recurrence of a trigger: its expressions evaluated over the parameters, then read with the engine's complaints.

Parameters are all that a recurrence may refer to; exports show the outcome as `evaluatedRecurrence`.
Source: Azure page "Schedule and run recurring workflows with the Recurrence trigger".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from wdl.context import Context
from wdl.definition import vocabulary
from wdl.definition.errors import refused
from wdl.definition.model import Recurrence
from wdl.definition.positions import Path
from wdl.definition.reader import Reader, Report
from wdl.errors import ExpressionError
from wdl.template import compile_template

_MEMBERS = frozenset(vocabulary.words("frequency interval count startTime endTime timeZone schedule"))
_NUMBERS = ("minutes", "hours", "monthDays")


def read_recurrence(raw: Any, path: Path, values: Mapping[str, Any], report: Report) -> Recurrence:
    """The recurrence at `path`; `values` are those of the workflow's parameters."""
    it = Reader(_evaluated(raw, path, values, report), path, report)
    _members(it)
    return Recurrence(
        frequency=it.enum("frequency", vocabulary.FREQUENCIES) or "",
        interval=_interval(it),
        start_time=it.text("startTime"),
        end_time=it.text("endTime"),
        time_zone=it.text("timeZone"),
        schedule=_schedule(it.child("schedule")) if it.present("schedule") else None,
        raw=it.raw,
    )


def in_trigger(report: Report, place: Callable[[], str]) -> Report:
    """A report that says in which trigger the complaint arose: the engine reads recurrences one by one."""
    return lambda error: report(refused(error.message, error.path, place(), rule=error.rule))


def _evaluated(raw: Any, path: Path, values: Mapping[str, Any], report: Report) -> Any:
    try:
        return compile_template(raw).evaluate(Context(parameters=values))
    except ExpressionError as error:
        report(refused(error.message, path, rule="expression-not-valid"))
        return {"frequency": "Day", "interval": 1}


def _members(it: Reader) -> None:
    for name in it.raw:
        if name not in _MEMBERS:
            message = f"Could not find member '{name}' on object of type 'FlowRecurrence'. Path '{name}'."
            it.refuse(refused(message, it.at(name), rule="unknown-member"))
    for name in ("frequency", "interval"):
        if not it.present(name):
            it.refuse(
                refused(f"Required property '{name}' not found in JSON. Path ''.", it.path, rule="member-missing")
            )


def _interval(it: Reader) -> int:
    """1 stands for what is missing or no number, since that has been reported."""
    value = it.integer("interval")
    return 1 if value is None else value


def _schedule(it: Reader) -> dict[str, Any]:
    """The schedule with its numbers as integers and its week days in the engine's spelling."""
    schedule: dict[str, Any] = dict(it.raw)
    schedule.update({name: _numbers(it, name) for name in _NUMBERS if it.present(name)})
    if it.present("weekDays"):
        days = (it.enum_value(str(day), vocabulary.WEEK_DAYS, it.at("weekDays")) for day in it.items("weekDays"))
        schedule["weekDays"] = [day for day in days if day]
    return schedule


def _numbers(it: Reader, name: str) -> list[int]:
    value = it.get(name)
    if not isinstance(value, list):
        message = f"Error converting value \"{value}\" to type 'System.Int32[]'. Path 'schedule.{name}'."
        it.refuse(refused(message, it.at(name), rule="wrong-kind"))
        return []
    items = Reader({f"schedule.{name}[{i}]": item for i, item in enumerate(value)}, it.at(name), it.refuse)
    return [number for key in items.raw if (number := items.integer(key)) is not None]
