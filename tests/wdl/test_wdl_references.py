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


def with_bodies(kind: str, body: Any) -> Context:
    outputs = {"headers": {"content-type": kind}, "body": body}
    return Context(trigger={"outputs": outputs}, actions={"A": {"outputs": outputs}})


def content(kind: str, text: str) -> dict[str, str]:
    return {"$content-type": kind, "$content": b64encode(text.encode()).decode()}


URL_ENCODED = "application/x-www-form-urlencoded; charset=utf-8"
FORM_PARTS = "multipart/form-data; boundary=x"
FIELDS = "".join(
    f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in ("a1", "b2", "b3")
)


@pytest.mark.parametrize(
    "form",
    [
        {"$formdata": [{"key": "a", "value": "1"}, {"key": "b", "value": "2"}, {"key": "b", "value": "3"}]},
        content(URL_ENCODED, "a=1&b=2&b=3"),
    ],
)
def test_forms(form: Any) -> None:
    context = with_bodies(URL_ENCODED, form)
    assert json_of("@triggerFormDataValue('a')", context) == '"1"'
    assert json_of("@triggerFormDataMultiValues('b')", context) == '["2","3"]'
    assert json_of("@formDataValue('A','nope')", context) == "null"
    assert json_of("@formDataMultiValues('a','b')", context) == '["2","3"]'
    assert message_of("@formDataValue('A','b')", context) == (
        "The template language function 'formDataValue' failed to retrieve formdata contents from outputs. "
        "There are more than one items matching the field name 'b'."
    )


def test_fields_of_a_form_in_parts() -> None:
    context = with_bodies(FORM_PARTS, content(FORM_PARTS, f"{FIELDS}--x--\r\n"))
    assert json_of("@base64ToString(formDataValue('A','a')['$content'])", context) == '"1"'
    assert json_of("@length(triggerFormDataMultiValues('b'))", context) == "2"
    listed = {"$multipart": [{"headers": {"Content-Disposition": 'form-data; name="a"'}, "body": "v"}]}
    assert json_of("@formDataValue('A','a')", with_bodies("Multipart/Form-Data", listed)) == '"v"'


MULTIPART = "--x\r\nContent-Type: text/plain\r\n\r\none\r\n--x\r\nContent-Type: application/json\r\n\r\n{}\r\n--x--\r\n"


@pytest.mark.parametrize(
    ("body", "second"),
    [
        ({"$multipart": [{"headers": {}, "body": 1}, {"headers": {}, "body": {"b": 2}}]}, '{"b":2}'),
        (content("multipart/mixed; boundary=x", MULTIPART), '{"$content-type":"application/json","$content":"e30="}'),
    ],
)
def test_multipart_bodies(body: Any, second: str) -> None:
    context = with_bodies("multipart/mixed; boundary=x", body)
    assert json_of("@triggerMultipartBody(1)", context) == second
    assert json_of("@multipartBody('A',1)", context) == second
    assert message_of("@multipartBody('A',2)", context) == (
        "The template language function 'multipartBody' failed to retrieve multipart contents from outputs. "
        "The index value '2' exceeds the number of multipart contents '2' in the outputs."
    )


@pytest.mark.parametrize(
    ("context", "kind"),
    [
        (with_bodies("text/plain", "text"), "text/plain"),
        (Context(trigger={"outputs": {"body": {"$formdata": []}}}), "<null>"),
        (Context(), "<null>"),
    ],
)
def test_outputs_without_forms_or_parts(context: Context, kind: str) -> None:
    no_form = message_of("@triggerFormDataValue('a')", context)
    assert (
        "is not a valid form data content. Supported form data content types are 'multipart/form-data' and " in no_form
    )
    assert no_form.endswith(f"the provided content type is '{kind}'.")
    assert message_of("@triggerMultipartBody(0)", context).endswith(
        f"The supported multipart content type is 'multipart/*' and the provided content type is '{kind}'. "
    )


def test_the_names_of_the_first_version() -> None:
    context = Context(actions={"A": {"outputs": {"statusCode": 200, "body": [1]}}})
    assert json_of("@actionBody('a')", context) == "[1]"
    assert json_of("@actionOutputs('a').statusCode", context) == "200"
