"""References to the run, and forms and multipart bodies."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import pytest
from wdl_cases import evaluate, json_of, message_of

from wdl.context import Context

RECORD = {"name": "Get", "status": "Succeeded", "outputs": {"statusCode": 200, "body": {"value": [1]}}}
CONTEXT = Context(
    actions={"Get": RECORD, "Skipped": {"name": "Skipped", "status": "Skipped"}},
    trigger={"name": "manual", "outputs": {"body": "b", "headers": {}}},
    action={"name": "Here"},
    parameters={"p": 1.0},
    variables={"V": [1]},
    workflow={"id": "/w", "run": {"name": "r"}},
    items={"Loop": {"a": 1}},
    iteration_indexes={"Until": 3},
    item={"x": 1},
    result=lambda scope: [{"name": scope}],
    list_callback_url=lambda *arguments: f"https://callback{len(arguments)}",
)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("parameters('P')", "1.0"),
        ("variables('v')", "[1]"),
        ("actions('get').status", '"Succeeded"'),
        ("outputs('GET')['statusCode']", "200"),
        ("body('Get')", '{"value":[1]}'),
        ("body('Skipped')", "null"),
        ("outputs('Skipped')", "null"),
        ("trigger().name", '"manual"'),
        ("triggerOutputs()", '{"body":"b","headers":{}}'),
        ("triggerBody()", '"b"'),
        ("action().name", '"Here"'),
        ("item().x", "1"),
        ("items('loop')", '{"a":1}'),
        ("iterationIndexes('Until')", "3"),
        ("result('Scope')", '[{"name":"Scope"}]'),
        ("workflow().run.name", '"r"'),
        ("listCallbackUrl()", '"https://callback0"'),
    ],
)
def test_values(expression: str, value: str) -> None:
    assert json_of(f"@{expression}", CONTEXT) == value


def test_nothing_of_the_run_is_there_by_default() -> None:
    assert evaluate("@triggerBody()") is None
    assert evaluate("@trigger()") is None
    for call in ("item", "action", "listCallbackUrl"):
        assert message_of(f"@{call}()") == f"The template function '{call}' is not expected at this location."
    for call in ("parameters", "variables", "actions", "outputs", "body", "items", "iterationIndexes"):
        assert "'Nope' is not available" in message_of(f"@{call}('Nope')")
    assert "'Nope' has not finished" in message_of("@result('Nope')")


def test_names_must_be_texts() -> None:
    assert "expects its parameter to be of type string. The provided value is of type 'Integer'." in message_of(
        "@body(1)"
    )


def with_bodies(body: Any) -> Context:
    return Context(trigger={"outputs": {"body": body}}, actions={"A": {"outputs": {"body": body}}})


def content(kind: str, text: str) -> dict[str, str]:
    return {"$content-type": kind, "$content": b64encode(text.encode()).decode()}


FORMS = [
    {"$formdata": [{"key": "a", "value": "1"}, {"key": "b", "value": "2"}, {"key": "b", "value": "3"}]},
    content("application/x-www-form-urlencoded", "a=1&b=2&b=3"),
]


@pytest.mark.parametrize("form", FORMS)
def test_forms(form: Any) -> None:
    context = with_bodies(form)
    assert json_of("@triggerFormDataValue('a')", context) == '"1"'
    assert json_of("@triggerFormDataMultiValues('b')", context) == '["2","3"]'
    assert json_of("@formDataValue('A','nope')", context) == "null"
    assert json_of("@formDataMultiValues('a','b')", context) == '["2","3"]'
    assert "expects one value for the key 'b'. It has 2" in message_of("@formDataValue('A','b')", context)


MULTIPART = "--x\r\nContent-Type: text/plain\r\n\r\none\r\n--x\r\nContent-Type: application/json\r\n\r\n{}\r\n--x--\r\n"


@pytest.mark.parametrize(
    ("body", "second"),
    [
        ({"$multipart": [{"headers": {}, "body": 1}, {"headers": {}, "body": {"b": 2}}]}, '{"b":2}'),
        (content("multipart/mixed; boundary=x", MULTIPART), '{"$content-type":"application/json","$content":"e30="}'),
    ],
)
def test_multipart_bodies(body: Any, second: str) -> None:
    context = with_bodies(body)
    assert json_of("@triggerMultipartBody(1)", context) == second
    assert json_of("@multipartBody('A',1)", context) == second
    assert "expects the index of a part from 0 to 1. The provided value is '2'." in message_of(
        "@multipartBody('A',2)", context
    )


def test_bodies_without_forms_or_parts() -> None:
    context = with_bodies("text")
    assert "expects a body of form data" in message_of("@triggerFormDataValue('a')", context)
    assert "expects a body of several parts" in message_of("@triggerMultipartBody(0)", context)
