"""ParseJson, Query, Select, Join, Table, variables, Switch, Wait, Expression, static results."""

from __future__ import annotations

from typing import Any

import pytest
from workflow_world import Finished, World, compose, run_after


def one(world: World, action: str, inputs: Any, **more: Any) -> Finished:
    return world.run({"X": {"type": action, "inputs": inputs, **more}})


def body(run: Finished) -> Any:
    return run.out("X")["body"]


PEOPLE = [{"name": "Ann", "age": 30}, {"name": "Bob", "age": 20, "city": "Ü"}]


def test_query_keeps_the_items_for_which_the_condition_holds(world: World) -> None:
    run = one(world, "Query", {"from": PEOPLE, "where": "@greater(item()['age'], 25)"})
    assert body(run) == [PEOPLE[0]] and run["X"]["inputs"] == PEOPLE and run["X"]["code"] == "NotSpecified"


def test_query_needs_an_array(world: World) -> None:
    run = one(world, "Query", {"from": "@json('null')", "where": "@equals(1, 1)"})
    assert run["X"]["error"] == {
        "code": "BadRequest",
        "message": "The 'from' property value in the 'query' action inputs is of type 'Null'. "
        "The value must be an array.",
    }


def test_select_maps_every_item(world: World) -> None:
    run = one(world, "Select", {"from": PEOPLE, "select": {"n": "@toUpper(item()['name'])", "@{item()['name']}": 1}})
    assert body(run) == [{"n": "ANN", "Ann": 1}, {"n": "BOB", "Bob": 1}] and run["X"]["inputs"] == {"from": PEOPLE}


def test_an_expression_that_fails_for_an_item_fails_the_action(world: World) -> None:
    run = one(world, "Select", {"from": PEOPLE, "select": "@item()['city']"})
    assert run["X"]["error"]["code"] == "InvalidTemplate"


def test_join_makes_one_text(world: World) -> None:
    run = one(world, "Join", {"from": ["a", 1, {"b": 1.0}, None, True], "joinWith": ", "})
    assert body(run) == 'a, 1, {"b":1.0}, , True'


def test_a_csv_table_quotes_what_needs_it(world: World) -> None:
    rows = [{"title": "Alpha", "status": "Open"}, {"title": 'B, "quoted"', "done": True}]
    assert body(one(world, "Table", {"from": rows, "format": "CSV"})) == (
        'title,status,done\r\nAlpha,Open,\r\n"B, ""quoted""",,True\r\n'
    )


def test_an_html_table_encodes_what_is_markup(world: World) -> None:
    columns = [{"header": "A<", "value": "@item()"}, {"header": "B", "value": "@length(item())"}]
    run = one(world, "Table", {"from": ["<&>'\"", "é\n€😀"], "format": "HTML", "columns": columns})
    assert body(run) == (
        "<table><thead><tr><th>A&lt;</th><th>B</th></tr></thead><tbody><tr><td>&lt;&amp;&gt;&#39;&quot;</td><td>5</td></tr>"
        "<tr><td>&#233;\n€&#128512;</td><td>5</td></tr></tbody></table>"
    )


@pytest.mark.parametrize(("form", "expected"), [("csv", ""), ("html", "<table><tbody></tbody></table>")])
def test_a_table_without_rows(world: World, form: str, expected: str) -> None:
    assert body(one(world, "Table", {"from": [], "format": form})) == expected


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (
            "@json('null')",
            "The 'from' property value in the 'table' action inputs is of type 'Null'. "
            "The value must be of type 'Array'.",
        ),
        ([1], "The property 'columns' must be specified unless the 'from' property value is an array of objects."),
    ],
)
def test_what_no_table_can_be_made_of(world: World, source: Any, message: str) -> None:
    assert one(world, "Table", {"from": source, "format": "CSV"})["X"]["error"]["message"] == message


SCHEMA = {
    "type": "object",
    "properties": {"a": {"type": "integer"}, "b": {"type": ["string", "null"]}},
    "required": ["a"],
}


def test_parse_json_reads_text_and_values(world: World) -> None:
    assert body(one(world, "ParseJson", {"content": '{"a": 1.0, "b": null}', "schema": SCHEMA})) == {
        "a": 1.0,
        "b": None,
    }
    assert body(one(world, "ParseJson", {"content": {"a": 1}, "schema": {}})) == {"a": 1}
    assert body(one(world, "ParseJson", {"content": "{'a': [1,],"})) == {"a": [1]}


@pytest.mark.parametrize(
    ("value", "messages"),
    [
        ({}, ["Required properties are missing from object: a."]),
        ({"a": "x"}, ["Invalid type. Expected Integer but got String."]),
        ({"a": 1, "b": 2}, ["Invalid type. Expected String, Null but got Integer."]),
        ([], ["Invalid type. Expected Object but got Array."]),
    ],
)
def test_a_value_that_breaks_its_schema_fails_with_what_is_wrong(world: World, value: Any, messages: list[str]) -> None:
    run = one(world, "ParseJson", {"content": value, "schema": SCHEMA})
    assert run["X"]["error"] == {"code": "ValidationFailed", "message": "The schema validation failed."}
    assert [error["message"] for error in run.out("X")["errors"]] == messages


def test_an_error_of_a_schema_names_its_place(world: World) -> None:
    schema = {"type": "array", "items": {"type": "object", "properties": {"contentData": {"type": "object"}}}}
    run = one(world, "ParseJson", {"content": [{"contentData": "x"}], "schema": schema})
    assert run.out("X")["errors"] == [
        {
            "message": "Invalid type. Expected Object but got String.",
            "lineNumber": 0,
            "linePosition": 0,
            "path": "[0].contentData",
            "value": "x",
            "schemaId": "#/items/properties/contentData",
            "errorType": "type",
            "childErrors": [],
        }
    ]


@pytest.mark.parametrize(
    ("content", "schema", "code", "message"),
    [
        ("", {}, "InvalidTemplate", "Required property 'content' expects a value but got null. Path ''."),
        ({"$content-type": "a/b", "$content": ""}, {}, "BadRequest", "but was of type 'a/b'."),
        ("<x>", {}, "InvalidJSON", "Unexpected character encountered while parsing value: <."),
        (
            "1",
            {"pattern": "x"},
            "ActionSchemaNotSupported",
            "'Pattern' or 'patternProperties' properties are not supported",
        ),
    ],
)
def test_what_parse_json_cannot_read(world: World, content: Any, schema: Any, code: str, message: str) -> None:
    error = one(world, "ParseJson", {"content": content, "schema": schema})["X"]["error"]
    assert error["code"] == code and message in error["message"]


def variable(kind: str, value: Any) -> dict[str, Any]:
    return {"type": "InitializeVariable", "inputs": {"variables": [{"name": "v", "type": kind, "value": value}]}}


def change(world: World, kind: str, value: Any, action: str, by: Any) -> Finished:
    changed = {"type": action, "inputs": {"name": "v", "value": by}, "runAfter": run_after(Init="Succeeded")}
    return world.run({"Init": variable(kind, value), "X": changed, "V": compose("@variables('v')", X="Succeeded")})


@pytest.mark.parametrize(
    ("kind", "value", "action", "by", "expected"),
    [
        ("integer", 2, "IncrementVariable", 3, 5),
        ("float", 1.5, "DecrementVariable", 1, 0.5),
        ("string", "a", "AppendToStringVariable", {"b": 1}, 'a{"b":1}'),
        ("string", "a", "AppendToStringVariable", None, "a"),
        ("array", [1], "AppendToArrayVariable", {"b": 1}, [1, {"b": 1}]),
        ("Boolean", False, "SetVariable", True, True),
        ("object", {}, "SetVariable", {"x": 1}, {"x": 1}),
    ],
)
def test_variables_change(world: World, kind: str, value: Any, action: str, by: Any, expected: Any) -> None:
    run = change(world, kind, value, action, by)
    assert run.out("V") == expected and run["X"]["code"] == "NotSpecified"


def test_increment_shows_the_new_value_and_initialize_the_type_capitalised(world: World) -> None:
    run = change(world, "integer", 2, "IncrementVariable", 2)
    assert run["Init"]["inputs"] == {"variables": [{"name": "v", "type": "Integer", "value": 2}]}
    assert run["X"]["inputs"] == {"name": "v", "value": 2} and run.out("X") == {"body": {"name": "v", "value": 4}}
    assert "outputs" not in run["Init"]


@pytest.mark.parametrize(
    ("kind", "value", "action", "by", "message"),
    [
        (
            "integer",
            1,
            "SetVariable",
            1.5,
            "The variable 'v' of type 'Integer' cannot be initialized or updated with value of type 'Float'.",
        ),
        (
            "array",
            [],
            "AppendToArrayVariable",
            [1],
            "The input value is of type 'Array' which cannot be appended to the variable 'v' of type 'Array'.",
        ),
        ("string", "", "IncrementVariable", 1, "The variable 'v' of type 'String' cannot"),
    ],
)
def test_a_value_of_the_wrong_type_is_refused(
    world: World, kind: str, value: Any, action: str, by: Any, message: str
) -> None:
    error = change(world, kind, value, action, by)["X"]["error"]
    assert error["code"] == "BadRequest" and error["message"].startswith(message)


SWITCH: dict[str, Any] = {
    "type": "Switch",
    "cases": {
        "One": {"case": 1, "actions": {"A": compose(1)}},
        "Text": {"case": "1", "actions": {"B": compose(1)}},
        "Big": {"case": "X", "actions": {"C": compose(1)}},
    },
    "default": {"actions": {"D": compose(1)}},
}


@pytest.mark.parametrize(("value", "taken"), [(1, "A"), ("1", "B"), ("x", "D"), ("X", "C"), (2, "D")])
def test_a_switch_compares_with_type_and_case(world: World, value: Any, taken: str) -> None:
    cases = {name: one for name, one in SWITCH["cases"].items() if type(one["case"]) is type(value)}
    expression = f"@json('{value}')" if isinstance(value, int) else f"@{{'{value}'}}"
    run = world.run({"S": {**SWITCH, "cases": cases, "expression": expression}})
    succeeded = [name for name, status in run.statuses().items() if status == "Succeeded" and name != "S"]
    assert succeeded == [taken] and run["S"]["inputs"] == {"expressionResult": value}


def test_a_switch_on_another_type_fails(world: World) -> None:
    run = world.run({"S": {**SWITCH, "cases": {}, "expression": "@json('null')"}})
    assert run["S"]["error"] == {
        "code": "ExpressionEvaluationFailed",
        "message": "The execution of template action 'S' failed: The result of the evaluation of 'scope' action "
        "expression '@json('null')' is not valid. It is of type 'Null' but is expected to be a value of type "
        "'String, Integer'.",
    }


def test_wait_lets_time_pass(world: World) -> None:
    one(world, "Wait", {"interval": {"count": 2, "unit": "Day"}})
    assert world.clock.now().day == 3
    one(world, "Wait", {"until": {"timestamp": "2026-02-01T00:00:00Z"}})
    assert (world.clock.now().month, world.clock.now().day) == (2, 1)
    one(world, "Wait", {"interval": {"count": "@{add(1, 1)}", "unit": "day"}})
    assert world.clock.now().isoformat() == "2026-02-03T00:00:00+00:00"


@pytest.mark.parametrize(
    "inputs",
    [
        {"interval": {"count": "soon", "unit": "Day"}},
        {"interval": {"count": -1, "unit": "Day"}},
        {"interval": {"count": True, "unit": "Day"}},
        {"interval": {"count": 1, "unit": "Fortnight"}},
        {"interval": {"count": 10**12, "unit": "Month"}},
        {"interval": 5},
        {"until": {"timestamp": "soon"}},
        {},
    ],
)
def test_what_is_no_time_to_wait_fails_the_action(world: World, inputs: Any) -> None:
    run = one(world, "Wait", inputs)
    assert run["X"]["error"]["code"] == "InvalidTemplate" and "wait action 'X'" in run["X"]["error"]["message"]


@pytest.mark.parametrize(
    ("kind", "inputs", "expected"),
    [
        ("CurrentTime", {}, "2026-01-01T00:00:00.0000000Z"),
        ("GetPastTime", {"interval": 1, "timeUnit": "Hour"}, "2025-12-31T23:00:00.0000000Z"),
        ("GetFutureTime", {"interval": "@add(1, 1)", "timeUnit": "day"}, "2026-01-03T00:00:00.0000000Z"),
        (
            "AddToTime",
            {"baseTime": "2019-01-31T10:00:00Z", "interval": 1, "timeUnit": "Month"},
            "2019-02-28T10:00:00.0000000Z",
        ),
        (
            "SubtractFromTime",
            {"baseTime": "2019-01-31T10:00:00Z", "interval": 1, "timeUnit": "Hour"},
            "2019-01-31T09:00:00.0000000Z",
        ),
        (
            "ConvertTimeZone",
            {
                "baseTime": "2019-01-31T10:00:00Z",
                "sourceTimeZone": "UTC",
                "destinationTimeZone": "W. Europe Standard Time",
                "formatString": "t",
            },
            "11:00",
        ),
    ],
)
def test_the_date_and_time_operations(world: World, kind: str, inputs: Any, expected: str) -> None:
    assert one(world, "Expression", inputs, kind=kind).out("X") == {"body": expected}


@pytest.mark.parametrize("inputs", [{}, {"interval": 1, "timeUnit": "Hours"}, {"interval": "x", "timeUnit": "Hour"}])
def test_wrong_inputs_of_an_expression_action(world: World, inputs: Any) -> None:
    assert one(world, "Expression", inputs, kind="GetPastTime")["X"]["code"] == "InvalidExpressionActionInputs"


CHOSEN = {"staticResult": {"name": "W0", "staticResultOptions": "Enabled"}}


@pytest.mark.parametrize("choice", [CHOSEN, {"runtimeConfiguration": CHOSEN}], ids=["beside-inputs", "as-designed"])
def test_a_static_result_stands_for_the_action(world: World, choice: dict[str, Any]) -> None:
    chosen = {"type": "Wait", "inputs": {"interval": {"count": 1, "unit": "Month"}}, **choice}
    results = {"W0": {"status": "Failed", "outputs": {"statusCode": "BadRequest", "body": 1}}}
    run = world.run({"X": chosen, "H": compose("@body('X')", X="Failed")}, staticResults=results)
    assert run.out("H") == 1 and run["X"]["code"] == "BadRequest" and world.clock.now().day == 1


def test_a_static_result_that_is_switched_off_stands_for_nothing(world: World) -> None:
    off = {"staticResult": {"name": "W0", "staticResultOptions": "Disabled"}}
    run = world.run({"X": {**compose(2), "runtimeConfiguration": off}}, staticResults={"W0": {"status": "Failed"}})
    assert run.out("X") == 2


def test_a_static_result_that_does_not_exist_fails_the_action(world: World) -> None:
    run = world.run({"X": {**compose(2), "runtimeConfiguration": CHOSEN}})
    assert run["X"]["error"] == {
        "code": "InvalidTemplate",
        "message": "The static result 'W0' of action 'X' is not defined under 'staticResults'.",
    }


def test_the_outputs_of_the_workflow_are_evaluated_at_the_end(world: World) -> None:
    outputs = {"sum": {"type": "Int", "value": "@add(outputs('X'), 1)"}}
    run = world.run({"X": compose(1)}, outputs=outputs)
    assert run.data["outputs"] == {"sum": {"type": "Int", "value": 2}}


def test_a_case_of_another_type_fails_what_is_in_the_branches(world: World) -> None:
    actions = {"A": compose(1), "B": compose(1, A="Succeeded")}
    switch = {"type": "Switch", "expression": "@json('1')", "cases": {"X": {"case": "1", "actions": actions}}}
    run = world.run({"S": switch})
    assert run["A"]["code"] == "InternalServerError" and run["A"]["status"] == "Failed"
    assert run["A"]["error"] == {
        "code": "ActionConditionFailed",
        "message": "The execution of template action 'A' failed: an unexpected exception encountered when evaluating "
        "branching condition. 'Template language function 'strongEquals' expects parameters of same type, but found "
        "'Integer,String' distinct types.'",
    }
    assert run["B"]["status"] == "Skipped" and run["S"]["code"] == "ActionFailed" and run.status == "Failed"


def test_tracked_properties_may_refer_to_the_action_that_has_ended(world: World) -> None:
    tracked = {**compose({"a": 1}), "trackedProperties": {"fixed": "x", "a": "@action()['outputs']['a']"}}
    assert world.run({"X": tracked})["X"]["trackedProperties"] == {"fixed": "x", "a": 1}
