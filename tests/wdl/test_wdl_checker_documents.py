"""Where the checker finds definitions, and what it makes of ARM templates around them."""

from __future__ import annotations

from typing import Any

from wdl.checker import check
from wdl.checker.arm import Resolver

SCHEMA = "https://schema.management.azure.com/providers/Microsoft.Logic/schemas/2016-06-01/workflowdefinition.json#"
ARM = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"


def _definition(**members: Any) -> dict[str, Any]:
    recurrence = {"Recurrence": {"type": "Recurrence", "recurrence": {"frequency": "Hour", "interval": 1}}}
    return {"$schema": SCHEMA, "triggers": recurrence, "actions": {}, **members}


def _workflow(definition: dict[str, Any], **properties: Any) -> dict[str, Any]:
    return {"type": "Microsoft.Logic/workflows", "properties": {"definition": definition, **properties}}


def _template(*resources: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {"$schema": ARM, "resources": list(resources), **members}


def _found(document: Any, **options: Any) -> list[tuple[str, str]]:
    return [(finding.rule, finding.json_path) for finding in check(document, **options)]


BROKEN = _definition(actions={"A": {"type": "Compose", "inputs": "@body('Nope')"}})
PLACE = ".actions.A.inputs"


def test_a_definition_a_resource_and_a_template_are_read() -> None:
    assert _found(BROKEN) == [("action-not-defined", f"${PLACE}")]
    assert _found(_workflow(BROKEN)) == [("action-not-defined", f"$.properties.definition{PLACE}")]
    assert _found({"definition": BROKEN, "kind": "Stateful"}) == [("action-not-defined", f"$.definition{PLACE}")]
    template = _template(_workflow(_definition()), _workflow(BROKEN))
    assert _found(template) == [("action-not-defined", f"$.resources[1].properties.definition{PLACE}")]


def test_a_nested_template_is_read() -> None:
    nested = {"type": "Microsoft.Resources/deployments", "properties": {"template": _template(_workflow(BROKEN))}}
    place = f"$.resources[0].properties.template.resources[0].properties.definition{PLACE}"
    assert _found(_template(nested)) == [("action-not-defined", place)]


def test_a_definition_is_known_by_its_schema_or_by_its_members() -> None:
    old = "https://schema.management.azure.com/schemas/2016-06-01/Microsoft.Logic.json"
    assert ("action-not-defined", f"${PLACE}") in _found({"$schema": old, "actions": BROKEN["actions"]})
    bare = {"triggers": {}, "actions": {}}
    assert _found(bare) == [("member-missing", "$")]


def test_what_holds_no_definition_is_an_error() -> None:
    documents: tuple[Any, ...] = ({}, [], 1, None, "text", _template(), {"definition": {}})
    for document in documents:
        assert [(finding.rule, finding.severity) for finding in check(document)] == [("no-definition", "error")]


def test_what_only_a_deployment_knows_is_not_judged() -> None:
    definition = _definition(parameters={"days": {"type": "Int", "defaultValue": "[parameters('days')]"}})
    definition["triggers"]["Recurrence"]["recurrence"]["interval"] = "[parameters('days')]"
    template = _template(_workflow(definition), parameters={"days": {"type": "int"}})
    assert _found(template) == []
    assert [rule for rule, _ in _found(definition)] == ["not-an-integer", "parameter-type"]


def test_what_the_template_says_is_put_in() -> None:
    definition = _definition()
    definition["triggers"]["Recurrence"]["recurrence"]["interval"] = "[variables('all').interval]"
    members = {"variables": {"all": {"interval": "[parameters('i')]"}}, "parameters": {"i": {"defaultValue": 0}}}
    place = "$.resources[0].properties.definition.triggers.Recurrence.recurrence"
    assert _found(_template(_workflow(definition), **members)) == [("recurrence-not-valid", place)]


def test_doubled_quotes_are_read_by_the_template_before_the_expression() -> None:
    definition = _definition(
        actions={"A": {"type": "Compose", "inputs": "[concat('@body(''', variables('n'), ''')')]"}}
    )
    template = _template(_workflow(definition), variables={"n": "Nope"})
    assert [rule for rule, _ in _found(template)] == ["action-not-defined"]


def test_a_parameter_value_that_a_deployment_computes_counts_as_given() -> None:
    definition = _definition(parameters={"key": {"type": "SecureString"}})
    values = {"key": {"value": "[listKeys(resourceId('x', 'y'), '2023-01-01').keys[0].value]"}}
    assert _found(_template(_workflow(definition, parameters=values))) == []
    assert _found(_template(_workflow(definition))) == [
        ("parameter-value-missing", "$.resources[0].properties.definition.parameters.key")
    ]


def test_connections_are_those_of_the_resource_or_those_given() -> None:
    expression = "@parameters('$connections')['azuretables']['connectionId']"
    call = {"host": {"connection": {"name": expression}}, "method": "post", "path": "/x"}
    definition = _definition(
        parameters={"$connections": {"type": "Object", "defaultValue": {}}},
        actions={"Call": {"type": "ApiConnection", "inputs": call}},
    )
    place = "actions.Call.inputs.host.connection.name"
    assert _found(definition) == []
    assert _found(definition, connections=["office365"]) == [
        ("connection-missing", f"$.{place}"),
        ("connection-unused", "$.parameters.$connections.value.office365"),
    ]
    value = {"$connections": {"value": {"AzureTables": {"connectionId": "[resourceId('a', 'b')]"}}}}
    assert _found(_workflow(definition, parameters=value)) == []
    assert _found(_template(_workflow(definition, parameters=value))) == []


def test_values_given_for_parameters_are_those_of_the_resource() -> None:
    definition = _definition(parameters={"to": {"type": "String"}})
    assert _found(definition, parameters={"to": {"value": "a@b.c"}}) == []
    assert _found(_workflow(definition, parameters={"to": {"value": 1}})) == [
        ("parameter-type", "$.properties.parameters.to.value")
    ]


def _resolved(text: str) -> tuple[Any, bool]:
    resolver = Resolver(
        {"parameters": {"p": {"defaultValue": "P"}}, "variables": {"list": ["a", "b"], "loop": "[variables('loop')]"}}
    )
    found: set[tuple[str | int, ...]] = set()
    return resolver.resolve(text, ("x",), found), bool(found)


def test_template_expressions_are_evaluated_as_far_as_the_template_goes() -> None:
    assert _resolved("[concat('a', toLower(parameters('p')), '''')]") == ("ap'", False)
    assert _resolved("[format('{0}-{1}', variables('list')[1], 2)]") == ("b-2", False)
    assert _resolved("[int('5')]") == (5, False)
    assert _resolved("[[not an expression]") == ("[not an expression]", False)
    assert _resolved("[1, 2] are numbers") == ("[1, 2] are numbers", False)


def test_what_cannot_be_evaluated_stays_as_it_is() -> None:
    for text in (
        "[resourceGroup().location]",
        "[variables('loop')]",
        "[parameters('q')]",
        "[concat(]",
        "[parameters()]",
    ):
        assert _resolved(text) == (text, True)
