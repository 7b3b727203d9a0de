"""`localazure evaluate`: expressions and conditions at the command line.

    localazure evaluate "@addDays('2026-01-31', 1)"
    localazure evaluate "Hello @{body('Get_name')}" --context actions.json
    localazure evaluate --jsonl --context actions.json < cases.jsonl > answers.jsonl

The context is a JSON file: either finished actions by name, as `actions('Name')` returns them, or an object with some
of the fields of `wdl.context.Context`: actions, trigger, parameters, variables, workflow, items, iterationIndexes,
item. Lines for `--jsonl` are `{"expr": "…"}` or `{"condition": …}`; answers, in order, are `{"result_json": "…"}` (of
a condition `{"result": "True"}` or `"False"`) or `{"error": "…"}` with the first line of the message.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, Any, Final, TextIO

import typer

from wdl.conditions import compile_condition
from wdl.context import ABSENT, Context
from wdl.errors import ExpressionError, ExpressionSyntaxError
from wdl.template import compile_template
from wdl.values import dumps, loads

_FIELDS: Final = {
    "actions": "actions",
    "trigger": "trigger",
    "parameters": "parameters",
    "variables": "variables",
    "workflow": "workflow",
    "items": "items",
    "iterationIndexes": "iteration_indexes",
    "item": "item",
}


class ContextFileError(ValueError):
    """A context file cannot be used; the message says why and what it should hold."""


def evaluate(
    expression: Annotated[str | None, typer.Argument(help="The text as it stands in a definition.")] = None,
    context: Annotated[
        Path | None, typer.Option(help="JSON file: finished actions by name, or actions, variables, parameters, …")
    ] = None,
    jsonl: Annotated[bool, typer.Option("--jsonl", help="Read cases from standard input, one a line.")] = False,
) -> None:
    """Evaluate an expression of the Workflow Definition Language and print its value as JSON."""
    if jsonl == (expression is not None):
        raise typer.BadParameter("Give either an expression or --jsonl with cases on standard input.")
    try:
        run = read_context(context)
    except ContextFileError as error:
        raise typer.BadParameter(str(error), param_hint="--context") from None
    if expression is None:
        answer_lines((line.decode("utf-8", "replace") for line in sys.stdin.buffer), sys.stdout, run)
    else:
        _print_value(expression, run)


def _print_value(expression: str, context: Context) -> None:
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # whatever the locale of the machine
    try:
        typer.echo(dumps(compile_template(expression).evaluate(context)))
    except ExpressionSyntaxError as error:
        typer.echo(f"{pointed_at(error.text, error.position)}\n{error.message}", err=True)
        raise typer.Exit(1) from None
    except ExpressionError as error:
        typer.echo(error.message, err=True)
        raise typer.Exit(1) from None


def pointed_at(text: str, position: int) -> str:
    """The line of `text` that holds `position`, and below it a caret at that place."""
    start = text.rfind("\n", 0, position) + 1
    line = text[start:].partition("\n")[0]
    indent = "".join("\t" if character == "\t" else " " for character in line[: position - start])
    return f"{line}\n{indent}^"


def read_context(path: Path | None) -> Context:
    """The context in a JSON file; an empty one without a file. Raises `ContextFileError`."""
    if path is None:
        return Context()
    try:
        content = loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, ExpressionError) as error:
        raise ContextFileError(f"{path} cannot be read: {error}") from None
    if not isinstance(content, dict):
        raise ContextFileError(f"{path} must hold an object: finished actions by their names.")
    return _full_context(content) if _is_full(content) else _actions_only(path, content)


def _is_full(content: dict[str, Any]) -> bool:
    """Whether the file holds fields of a context rather than actions, which have a status."""
    return bool(content) and all(
        name in _FIELDS and not (isinstance(value, dict) and "status" in value and name != "trigger")
        for name, value in content.items()
    )


def _full_context(content: dict[str, Any]) -> Context:
    fields = {_FIELDS[name]: value for name, value in content.items()}
    return Context(**{"item": ABSENT, **fields})


def _actions_only(path: Path, content: dict[str, Any]) -> Context:
    for name, record in content.items():
        if not isinstance(record, dict):
            raise ContextFileError(f"{path}: the action '{name}' must be an object such as {{'outputs': {{…}}}}.")
    return Context(actions=content)


def answer_lines(lines: Iterable[str], output: TextIO, context: Context) -> None:
    """Answer every line that is not blank, in order."""
    for answer in answers(lines, context):
        output.write(json.dumps(answer) + "\n")
        output.flush()  # whoever waits for this answer before asking again


def answers(lines: Iterable[str], context: Context) -> Iterator[dict[str, str]]:
    """The answers to lines of JSON, one each."""
    for line in lines:
        if line.strip():
            yield _answer(line, context)


def _answer(line: str, context: Context) -> dict[str, str]:
    try:
        case = loads(line.removeprefix("\ufeff"))  # Windows' tools put a byte order mark before the first line
        if isinstance(case, dict) and isinstance(case.get("expr"), str):
            return {"result_json": dumps(compile_template(case["expr"]).evaluate(context))}
        if isinstance(case, dict) and "condition" in case:
            return {"result": str(compile_condition(case["condition"]).evaluate(context))}
    except ExpressionError as error:
        return {"error": error.message.partition("\n")[0]}
    return {"error": 'A line must be {"expr": "…"} or {"condition": …}.'}
