"""Recurrences: their bounds, their zones, and how far a flow looks back."""

from __future__ import annotations

import re
from collections.abc import Iterator

from wdl.checker.durations import seconds, span
from wdl.checker.flow import Flow, inputs, is_dynamic, is_integer
from wdl.checker.rule import Spots, rule
from wdl.definition import Path, Recurrence, Trigger
from wdl.definition.expressions import literal
from wdl.definition.rules.structure import is_date
from wdl.definition.vocabulary import EXPRESSION_KINDS, FREQUENCIES, canonical
from wdl.timezones import find_zone

# "Schedule and run recurring workflows", table of intervals; a year is the 500 days that bound all others.
LONGEST = {"Second": 9_999_999, "Minute": 72_000, "Hour": 12_000, "Day": 500, "Week": 71, "Month": 16, "Year": 1}
_RANGES = {"hours": range(24), "minutes": range(60), "monthDays": range(-31, 32)}
_ZONED = re.compile(r"(?:Z|[+-]\d\d:?\d\d)\s*$", re.IGNORECASE)
_NEEDED = {
    "GetPastTime": ("interval", "timeUnit"),
    "GetFutureTime": ("interval", "timeUnit"),
    "AddToTime": ("baseTime", "interval", "timeUnit"),
    "SubtractFromTime": ("baseTime", "interval", "timeUnit"),
    "ConvertTimeZone": ("baseTime", "sourceTimeZone", "destinationTimeZone"),
}


def _recurrences(flow: Flow) -> Iterator[tuple[Trigger, Recurrence, Path]]:
    for trigger in flow.triggers:
        if trigger.recurrence is not None:
            yield trigger, trigger.recurrence, (*trigger.path, "recurrence")


@rule(
    "interval-out-of-range",
    why="Logic Apps bounds the interval of every frequency; beyond it the service refuses or changes the recurrence.",
    cure="Stay within the bound, or use the next larger frequency.",
)
def interval_out_of_range(flow: Flow) -> Spots:
    for _, recurrence, path in _recurrences(flow):
        longest = LONGEST.get(recurrence.frequency, recurrence.interval)
        if recurrence.interval > longest:
            where = (*path, "interval")
            yield where, f"The interval {recurrence.interval} is over {longest}, the most for '{recurrence.frequency}'."


@rule(
    "look-back-mismatch",
    why="Looking back less than the time between two runs loses rows; looking back more finds rows twice.",
    cure="Make the look-back equal to the recurrence, or use a SlidingWindow trigger and its window.",
)
def look_back_mismatch(flow: Flow) -> Spots:
    for trigger, recurrence, _ in _recurrences(flow):
        between = span(recurrence.interval, recurrence.frequency)
        if trigger.type != "Recurrence" or between is None or recurrence.schedule:
            continue
        for path, back, shown in _look_backs(flow):
            if back != between:
                every = f"{recurrence.interval} {recurrence.frequency}"
                effect = "loses" if back < between else "repeats"
                yield path, f"The flow runs every {every} and looks back {shown}: it {effect} rows."


def _look_backs(flow: Flow) -> Iterator[tuple[Path, int, str]]:
    """Every written-out span into the past: where, its seconds, its words."""
    for action in flow.actions("Expression"):
        if action.kind == "GetPastTime":
            found = _span(inputs(action).get("interval"), inputs(action).get("timeUnit"))
            if found:
                yield (*action.path, "inputs"), *found
    for _, expression, call in flow.calls:
        found = _span(literal(call), literal(call, 1)) if call.name.lower() == "getpasttime" else None
        if found:
            yield expression.path, *found


def _span(interval: object, unit: object) -> tuple[int, str] | None:
    if not isinstance(interval, int) or not is_integer(interval) or not isinstance(unit, str):
        return None
    length = span(interval, unit)
    return None if length is None else (length, f"{interval} {unit}")


@rule(
    "schedule-not-for-frequency",
    why="Hours and minutes belong to Day, Week and Month, weekDays to Week, monthDays to Month; "
    "with another frequency the service refuses the schedule or pays no heed to it.",
    cure="Change the frequency, or remove that part of the schedule.",
)
def schedule_not_for_frequency(flow: Flow) -> Spots:
    for _, recurrence, path in _recurrences(flow):
        allowed = {"weekDays": {"Week"}, "monthDays": {"Month"}, "monthlyOccurrences": {"Month"}}
        for name in recurrence.schedule or {}:
            if recurrence.frequency not in allowed.get(name, {"Day", "Week", "Month"}):
                what = f"The schedule has '{name}', the frequency is '{recurrence.frequency}'."
                yield (*path, "schedule", name), what


@rule(
    "schedule-out-of-range",
    why="There is no such hour, minute or day, so the recurrence cannot be kept.",
    cure="Hours go from 0 to 23, minutes from 0 to 59, monthDays from 1 to 31 (-1 is the last day).",
)
def schedule_out_of_range(flow: Flow) -> Spots:
    for _, recurrence, path in _recurrences(flow):
        for name, allowed in _RANGES.items():
            values = (recurrence.schedule or {}).get(name) or []
            wrong = [value for value in values if value not in allowed or (name == "monthDays" and value == 0)]
            if wrong:
                yield (*path, "schedule", name), f"'{name}' has {', '.join(map(str, wrong))}."


@rule(
    "unknown-time-zone",
    why="Logic Apps saves it; the trigger or action then fails, or runs by another zone.",
    cure="Use a Windows time zone name, as 'W. Europe Standard Time' or 'UTC'.",
)
def unknown_time_zone(flow: Flow) -> Spots:
    for _, recurrence, path in _recurrences(flow):
        if recurrence.time_zone is not None and find_zone(recurrence.time_zone) is None:
            yield (*path, "timeZone"), f"There is no time zone '{recurrence.time_zone}'."
    for action in flow.actions("Expression"):
        for name in ("sourceTimeZone", "destinationTimeZone"):
            zone = inputs(action).get(name)
            if isinstance(zone, str) and not is_dynamic(zone) and find_zone(zone) is None:
                yield (*action.path, "inputs", name), f"There is no time zone '{zone}'."


@rule(
    "start-time-zone",
    why="With an offset in startTime its timeZone is not used; without either the time is not certain.",
    cure="Write startTime with 'Z', or without it and name a timeZone.",
)
def start_time_zone(flow: Flow) -> Spots:
    for _, recurrence, path in _recurrences(flow):
        if recurrence.start_time is None or not is_date(recurrence.start_time):
            continue
        zoned = _ZONED.search(recurrence.start_time) is not None
        if zoned == (recurrence.time_zone is not None):
            what = f"startTime is '{recurrence.start_time}', timeZone is {recurrence.time_zone or 'absent'}."
            yield (*path, "startTime"), what


@rule(
    "time-action-inputs",
    why="Logic Apps saves it; the action fails at run time (InvalidExpressionActionInputs).",
    cure="Give the inputs that the kind needs; timeUnit is one of " + ", ".join(FREQUENCIES) + ".",
)
def time_action_inputs(flow: Flow) -> Spots:
    for action in flow.actions("Expression"):
        given, path = inputs(action), (*action.path, "inputs")
        missing = [name for name in _NEEDED.get(action.kind or "", ()) if given.get(name) is None]
        if missing:
            yield path, f"'{action.name}' lacks {', '.join(missing)}."
        unit, interval = given.get("timeUnit"), given.get("interval")
        if isinstance(unit, str) and not is_dynamic(unit) and canonical(unit, FREQUENCIES) is None:
            yield (*path, "timeUnit"), f"There is no time unit '{unit}'."
        if interval is not None and not is_integer(interval) and not is_dynamic(interval):
            yield (*path, "interval"), f"The interval '{interval}' is not an integer."


@rule(
    "unknown-expression-kind",
    why="Logic Apps saves it; the action fails at run time (InvalidExpressionActionKind).",
    cure="Use one of " + ", ".join(EXPRESSION_KINDS) + ".",
)
def unknown_expression_kind(flow: Flow) -> Spots:
    for action in flow.actions("Expression"):
        if action.kind is not None and action.kind not in (*EXPRESSION_KINDS, "IndexOf", "Substring", "FormatNumber"):
            yield (*action.path, "kind"), f"'{action.kind}' is no kind of Expression action."


@rule(
    "window-delay",
    why="The delay is no duration, so the windows cannot be scheduled.",
    cure="Write an ISO 8601 duration such as PT5M.",
)
def window_delay(flow: Flow) -> Spots:
    for trigger in flow.triggers:
        delay = inputs(trigger).get("delay") if trigger.type == "SlidingWindow" else None
        if delay is not None and not is_dynamic(delay) and seconds(str(delay)) is None:
            yield (*trigger.path, "inputs", "delay"), f"The delay '{delay}' is no ISO 8601 duration."
