"""`localazure evaluate`: expressions and conditions at the command line.

    localazure evaluate "@addDays('2026-01-31', 1)"
    localazure evaluate "Hello @{body('Get_name')}" --context actions.json
    localazure evaluate --jsonl --context actions.json < cases.jsonl > answers.jsonl

The context is a JSON file (localazure.contexts). Lines for `--jsonl` are `{"expr": "…"}` or `{"condition": …}`;
answers, in order, are `{"result_json": "…"}` (of a condition `{"result": "True"}` or `"False"`) or `{"error": "…"}`
with the first line of the message.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Final, TextIO

import typer
from rich.cells import cell_len

from localazure.contexts import ContextFileError, read_context
from wdl.conditions import compile_condition
from wdl.context import Context
from wdl.errors import ExpressionError, ExpressionSyntaxError
from wdl.template import compile_template
from wdl.values import dumps, loads

_LOOKS_LIKE_A_CALL: Final = re.compile(r"\s*[A-Za-z]\w*\(.*\)\s*", re.DOTALL)


def evaluate(
    expression: Annotated[str | None, typer.Argument(help="The text as it stands in a definition.")] = None,
    context: Annotated[
        Path | None,
        typer.Option(help="JSON file: finished actions by name, or actions, trigger, variables, parameters, …"),
    ] = None,
    jsonl: Annotated[
        bool, typer.Option("--jsonl", help='Read {"expr": …} or {"condition": …} from standard input, one a line.')
    ] = False,
) -> None:
    """Evaluate an expression of the Workflow Definition Language and print its value as JSON.

    As in a definition, an expression begins with @ or stands in @{…}; anything else is a text.
    """
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
    if _LOOKS_LIKE_A_CALL.fullmatch(expression):
        typer.echo("This is a text, as in a definition: an expression begins with @.", err=True)
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
    return f"{line}\n{''.join(map(_blank, line[: position - start]))}^"


def _blank(character: str) -> str:
    """White space as wide as a character on a terminal."""
    return "\t" if character == "\t" else " " * cell_len(character)


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
