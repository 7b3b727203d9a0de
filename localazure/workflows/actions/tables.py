"""Table: rows as HTML or CSV, escaped as the service does."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from localazure.workflows.actions.data import source_array
from localazure.workflows.outcome import ActionError, Outcome
from localazure.workflows.turn import Turn
from wdl.template import compile_template
from wdl.values import to_text

Rows = list[list[str]]

_QUOTED = re.compile(r'[",\r\n]')
_ENTITIES = {"<": "&lt;", ">": "&gt;", "&": "&amp;", '"': "&quot;", "'": "&#39;"}
_ENCODED = re.compile("[<>&\"'\u00a0-\u00ff\U00010000-\U0010ffff]")


def table(turn: Turn) -> Outcome:
    """Inputs: `{"from", "format": "HTML" | "CSV", "columns"?: [{"header"?, "value"}]}`."""
    items = source_array(turn, "table", "of type 'Array'")
    form = str(turn.evaluate(turn.node.part("format"))).lower()
    if form not in ("html", "csv"):
        message = f"The 'format' of the table action '{turn.node.name}' is '{form}': it must be 'HTML' or 'CSV'."
        raise ActionError("BadRequest", message)
    turn.record["inputs"] = {"from": items, "format": form.upper()}
    columns = turn.node.action.inputs.get("columns")
    headers, rows = _chosen(turn, items, columns) if columns else _automatic(items)
    return Outcome(outputs={"body": _html(headers, rows) if form == "html" else _csv(headers, rows)})


def _automatic(items: list[Any]) -> tuple[list[str], Rows]:
    """All keys of all rows, in order of first appearance."""
    if not all(isinstance(item, Mapping) for item in items):
        message = "The property 'columns' must be specified unless the 'from' property value is an array of objects."
        raise ActionError("BadRequest", message)
    headers = list(dict.fromkeys(key for item in items for key in item))
    return headers, [[to_text(item.get(key)) for key in headers] for item in items]


def _chosen(turn: Turn, items: list[Any], columns: Any) -> tuple[list[str], Rows]:
    """What the columns say, evaluated for each item."""
    context = turn.inner_item_context()
    headers = [to_text(turn.evaluate(compile_template(column.get("header")))) for column in columns]
    values = [compile_template(column.get("value")) for column in columns]
    rows = []
    for item in items:
        context.item = item
        rows.append([to_text(turn.evaluate(value, context)) for value in values])
    return headers, rows


def _csv(headers: list[str], rows: Rows) -> str:
    if not headers:
        return ""
    return "".join(",".join(map(_csv_field, row)) + "\r\n" for row in [headers, *rows])


def _csv_field(text: str) -> str:
    doubled = text.replace('"', '""')
    return f'"{doubled}"' if _QUOTED.search(text) else text


def _html(headers: list[str], rows: Rows) -> str:
    head = f"<thead>{_html_row(headers, 'th')}</thead>" if headers else ""
    body = "".join(_html_row(row, "td") for row in rows)
    return f"<table>{head}<tbody>{body}</tbody></table>"


def _html_row(cells: Iterable[str], tag: str) -> str:
    return "<tr>" + "".join(f"<{tag}>{_html_text(cell)}</{tag}>" for cell in cells) + "</tr>"


def _html_text(text: str) -> str:
    return _ENCODED.sub(lambda match: _ENTITIES.get(match[0]) or f"&#{ord(match[0])};", text)
