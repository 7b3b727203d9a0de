"""`localazure evaluate`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from localazure.contexts import ContextFileError, read_context
from localazure.evaluate import evaluate, pointed_at

app = typer.Typer()
app.command()(evaluate)


def run(*arguments: str, lines: str = "") -> Result:
    return CliRunner().invoke(app, list(arguments), input=lines)


@pytest.fixture
def actions_file(tmp_path: Path) -> str:
    path = tmp_path / "actions.json"
    path.write_text('{"Get":{"status":"Succeeded","outputs":{"body":{"é":1.0}}}}', encoding="utf-8")
    return str(path)


def test_a_value_is_printed_as_json() -> None:
    result = run("@addDays('2026-01-31', 1)")
    assert (result.exit_code, result.stdout) == (0, '"2026-02-01T00:00:00.0000000"\n')


def test_the_context_holds_finished_actions(actions_file: str) -> None:
    assert run("@body('get')", "--context", actions_file).stdout == '{"é":1.0}\n'


def test_the_context_may_hold_the_whole_run(tmp_path: Path) -> None:
    path = tmp_path / "context.json"
    path.write_text('{"variables":{"v":1},"trigger":{"outputs":{"body":2}},"item":3,"iterationIndexes":{"u":4}}')
    result = run("@createArray(variables('v'),triggerBody(),item(),iterationIndexes('u'))", "--context", str(path))
    assert result.stdout == "[1,2,3,4]\n"


def test_a_syntax_error_points_at_its_place() -> None:
    result = run("Hi\n\t@{concat('a',}")
    assert result.exit_code == 1
    assert result.stderr.splitlines()[:2] == ["\t@{concat('a',}", "\t             ^"]
    assert "expected token 'Identifier' and actual 'EndOfData'." in result.stderr


def test_other_errors_are_printed(actions_file: str) -> None:
    result = run("@int('x')")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "cannot be converted to the target type." in result.stderr


def test_lines_are_answered_in_order(actions_file: str) -> None:
    cases = [
        {"expr": "@body('Get')?['é']"},
        {"condition": {"greater": ["@add(1,1)", 1]}},
        {"condition": "@equals(1,2)"},
        {"expr": "@nofn()"},
        {"expr": "@addProperty(json('{\"a\":1}'),'a',2)"},
        {"expr": "é\ud800"},
    ]
    lines = "".join(json.dumps(case) + "\n" for case in cases) + "\nnot json\n{}\n"
    answers = [json.loads(line) for line in run("--jsonl", "--context", actions_file, lines=lines).stdout.splitlines()]
    assert answers[:4] == [
        {"result_json": "1.0"},
        {"result": "True"},
        {"result": "False"},
        {"error": "The template function 'nofn' is not defined or not valid."},
    ]
    assert answers[4]["error"].endswith("Unable to add property 'a' to '{")
    assert answers[5] == {"result_json": '"é\\ud800"'}
    assert "not valid JSON" in answers[6]["error"]
    assert answers[7] == {"error": 'A line must be {"expr": "…"} or {"condition": …}.'}


def test_no_line_ends_the_answers() -> None:
    lines = [
        b'\xef\xbb\xbf{"expr":"@add(1,1)"}',
        b'\xff{"expr":"@add(1,1)"}',
        b"[" * 100_000,
        b'{"condition":' + b'{"not":' * 500 + b"true" + b"}" * 501,
        b'{"expr":"@{' + b"not(" * 1000 + b"true" + b")" * 1000 + b'}"}',
        b'{"expr":"' + b"x" * 1_000_000 + b'"}',
        b'{"expr":5}',
        b'{"condition":null}',
        b'{"condition":{"equals":[1e400,99999999999999999999]}}\r',
        b'{"expr":"@concat(\'last\')"}',
    ]
    result = CliRunner().invoke(app, ["--jsonl"], input=b"\n".join(lines))
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 0
    assert [next(iter(answer)) for answer in answers] == [
        *("result_json", "error", "error", "error", "error", "result_json"),
        *("error", "error", "result", "result_json"),
    ]
    assert answers[-1] == {"result_json": '"last"'}


def test_either_an_expression_or_lines() -> None:
    assert run().exit_code == 2
    assert run("@true", "--jsonl").exit_code == 2


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[]", "must hold an object"),
        ("{", "cannot be read"),
        ('{"A":1}', "the action 'A' must be an object"),
        ('{"A":{"body":1}}', "the body of the action 'A' stands in its outputs"),
        ('{"trigger":{"body":1}}', "the body of the trigger stands in its outputs"),
        ('{"variables":{"v":1},"bogus":1}', "holds 'variables', .* and beside it 'bogus'"),
        ('{"variables":{"v":1},"Get":{"outputs":{}}}', "beside it 'Get'"),
        ('{"variables":5}', "'variables' must be an object"),
        ('{"actions":{"A":[]}}', "the action 'A' must be an object"),
        ('{"trigger":null}', "'trigger' must be an object"),
        ('{"iterationIndexes":{"L":"x"}}', "the index of the loop 'L'"),
    ],
)
def test_bad_context_files(tmp_path: Path, text: str, problem: str) -> None:
    path = tmp_path / "context.json"
    path.write_text(text)
    with pytest.raises(ContextFileError, match=problem):
        read_context(path)
    assert run("@true", "--context", str(path)).exit_code == 2
    with pytest.raises(ContextFileError, match="cannot be read"):
        read_context(tmp_path / "nope")


def test_the_caret_stands_below_the_end_of_a_text() -> None:
    assert pointed_at("abc", 3) == "abc\n   ^"


def test_the_caret_stands_below_its_place_behind_wide_characters() -> None:
    assert pointed_at("日本\tx", 3) == "日本\tx\n    \t^"


def test_actions_may_be_called_like_fields(tmp_path: Path) -> None:
    path = tmp_path / "actions.json"
    path.write_text('{"items":{"status":"Succeeded","outputs":{"body":1}},"Get":{"outputs":{"body":2}}}')
    assert run("@add(body('items'), body('Get'))", "--context", str(path)).stdout == "3\n"


def test_an_expression_without_its_sign_is_a_text_and_that_is_said() -> None:
    result = run("addDays('2026-01-31', 1)")
    assert (result.exit_code, result.stdout) == (0, "\"addDays('2026-01-31', 1)\"\n")
    assert "an expression begins with @" in result.stderr
    assert run("Hello (you)").stderr == ""
