"""Queries through connectors: pages that get lost, filters that do not say what is meant."""

from __future__ import annotations

import re
from collections.abc import Iterator

from wdl.checker.flow import Flow, inputs, members
from wdl.checker.odata import Comparison, FilterError, comparisons, hole
from wdl.checker.rule import Spots, rule
from wdl.definition import Action, Path
from wdl.definition.expressions import calls
from wdl.errors import ExpressionError
from wdl.syntax import Call, parse
from wdl.template import expressions_in, is_expression

_ENTITIES = re.compile(r"/tables/.*/entities$", re.IGNORECASE | re.DOTALL)
_LISTS = re.compile(r"/(?:entities|items|onnewitems)$", re.IGNORECASE)
_ACCOUNT = re.compile(r"^/v2/storageAccounts/@\{(?P<account>.*?)\}/tables", re.IGNORECASE | re.DOTALL)
_MISPRINT = re.compile(r"CreatedTime\s+Timestamp\s+")
_DATE = re.compile(r"\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:\d\d)?)?")
_TIMES = frozenset(
    {"utcnow", "getpasttime", "getfuturetime", "addtotime", "subtractfromtime", "addseconds", "addminutes"}
    | {"addhours", "adddays", "startofday", "startofhour", "startofmonth", "formatdatetime", "converttimezone"}
)


def _queries(flow: Flow, ends: re.Pattern[str]) -> Iterator[Action]:
    """The connector calls that read a list whose path ends so."""
    for action in flow.actions("ApiConnection"):
        path, method = inputs(action).get("path"), inputs(action).get("method")
        if isinstance(path, str) and str(method).lower() == "get" and ends.search(path):
            yield action


@rule(
    "query-without-pagination",
    why="A list comes in pages, and a page may be short or even empty while more follow: "
    "without pagination the flow sees the first one only, and rows are lost without an error.",
    cure='Beside `inputs`: "runtimeConfiguration": {"paginationPolicy": {"minimumItemCount": 100000}}.',
)
def query_without_pagination(flow: Flow) -> Spots:
    for action in _queries(flow, _LISTS):
        if not members(action.runtime_configuration.get("paginationPolicy")).get("minimumItemCount"):
            yield action.path, f"'{action.name}' reads a list and does not follow its pages."


def _filters(flow: Flow) -> Iterator[tuple[Action, Path, str]]:
    for action in _queries(flow, _ENTITIES):
        text = members(inputs(action).get("queries")).get("$filter")
        if isinstance(text, str):
            yield action, (*action.path, "inputs", "queries", "$filter"), text


@rule(
    "filter-not-valid",
    why="The Table service answers 400 (InvalidInput); the action fails in every run.",
    cure="Write comparisons as `Property operator value`, joined by `and` and `or`: Timestamp gt datetime'…'.",
)
def filter_not_valid(flow: Flow) -> Spots:
    for action, path, text in _filters(flow):
        if is_expression(text) or _MISPRINT.search(text):
            continue
        try:
            comparisons(_with_holes(text))
        except FilterError as error:
            yield path, f"The filter of '{action.name}' is no filter: {str(error).replace(hole(), '@{…}')}."


@rule(
    "filter-of-the-guide",
    why="Microsoft's marketplace guide once printed `CreatedTime Timestamp gt datetime'…'`: two names in a row. "
    "The Table service answers 400, and no lead is ever found.",
    cure="Keep one name: Timestamp gt datetime'@{body('Get_past_time')}'.",
)
def filter_of_the_guide(flow: Flow) -> Spots:
    for action, path, text in _filters(flow):
        if _MISPRINT.search(text):
            yield path, f"The filter of '{action.name}' is the misprint of the marketplace guide."


@rule(
    "date-without-datetime",
    why="Without datetime'…' the service compares text with a date: it answers 400, or finds nothing.",
    cure="Write Timestamp gt datetime'@{body('Get_past_time')}'.",
)
def date_without_datetime(flow: Flow) -> Spots:
    for action, path, text in _filters(flow):
        try:
            found = [] if is_expression(text) else comparisons(_with_holes(text))
        except FilterError:
            continue
        for comparison in found:
            if _dated(comparison, text, flow) and not comparison.value.lower().startswith("datetime'"):
                yield path, f"'{action.name}' compares {comparison.name} with a date that is not in datetime''."


def _dated(comparison: Comparison, text: str, flow: Flow) -> bool:
    """Whether a comparison is meant to be one of dates."""
    value = comparison.value
    return comparison.name == "Timestamp" or bool(_DATE.fullmatch(value.strip("'"))) or _is_date(value, text, flow)


def _with_holes(text: str) -> str:
    """The filter with each expression replaced by one character."""
    for offset, expression in reversed(_expressions(text)):
        text = text[: offset - 2] + hole() + text[offset + len(expression) + 1 :]
    return text


def _is_date(value: str, text: str, flow: Flow) -> bool:
    """Whether a compared value is text that a time function or a time action gives."""
    if hole() not in value:
        return False
    found = _expressions(text)
    return len(found) == 1 and _gives_time(found[0][1], flow)


def _gives_time(expression: str, flow: Flow) -> bool:
    try:
        node = parse(expression)
    except ExpressionError:
        return False
    if isinstance(node, Call) and node.name.lower() in _TIMES:
        return True
    names = [call.arguments[0] for call in calls(node) if call.name.lower() == "body" and len(call.arguments) == 1]
    placed = flow.definition.action(str(getattr(names[0], "value", ""))) if len(names) == 1 else None
    return placed is not None and placed.action.type == "Expression"


@rule(
    "look-back-without-window",
    why="A recurrence that is missed or late is not made up for, so rows from between two look-backs are never seen; "
    "a row that is changed is seen again.",
    cure="Use a SlidingWindow trigger, which makes up for missed windows, and filter by the window's start and end.",
)
def look_back_without_window(flow: Flow) -> Spots:
    if not any(trigger.type == "Recurrence" for trigger in flow.triggers):
        return
    for action, path, text in _filters(flow):
        if any(_gives_time(expression, flow) for _, expression in _expressions(text)):
            yield path, f"'{action.name}' finds new rows by looking back from now."


def _expressions(text: str) -> list[tuple[int, str]]:
    try:
        return list(expressions_in(text))
    except ExpressionError:
        return []


@rule(
    "account-encoded-once",
    why="The connector decodes the account of V2 paths twice; encoded once, an account given by URL is not found.",
    cure="Write @{encodeURIComponent(encodeURIComponent('account'))}.",
)
def account_encoded_once(flow: Flow) -> Spots:
    for operation in flow.operations:
        path = inputs(operation).get("path")
        match = _ACCOUNT.match(path) if isinstance(path, str) else None
        if match and match["account"].lower().count("encodeuricomponent(") == 1:
            yield (*operation.path, "inputs", "path"), f"'{operation.name}' encodes the storage account once."


@rule(
    "query-in-path",
    why="A query written into the path is encoded with it, and the connector does not see it as a query.",
    cure="Move it to `inputs.queries`.",
)
def query_in_path(flow: Flow) -> Spots:
    for operation in flow.operations:
        path = inputs(operation).get("path")
        if isinstance(path, str) and operation.type == "ApiConnection" and "?$" in path:
            yield (*operation.path, "inputs", "path"), f"'{operation.name}' has a query in its path."
