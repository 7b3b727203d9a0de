"""The coverage of docs/localazure.md: made anew it is the same, what it calls done answers, what it calls missing does
not."""

from __future__ import annotations

import importlib
import inspect
import json
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from azure.connectors.sdk import ConnectorClientBase

from localazure.arm.routing import Router
from localazure.connectors.request import ConnectorRequest
from localazure.coverage import Table, tables
from localazure.coverage.__main__ import main
from localazure.coverage.asking import parts
from localazure.coverage.azure_functions import BEYOND
from localazure.coverage.azure_operations import Operation, operations
from localazure.coverage.deviations import NOTES
from localazure.coverage.render import renewed
from localazure.coverage.tables import REFUSED, example, versions
from localazure.parts import Parts
from localazure.testing import ArmCallError, MockAzure
from localazure.workflows.deployment import SCHEDULED, TRIGGERS, deploy
from localazure.workflows.errors import WorkflowError
from localazure.workflows.subscriptions import WEBHOOKS
from wdl.context import Context
from wdl.definition.vocabulary import TYPES
from wdl.errors import ExpressionError
from wdl.template import compile_template

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs" / "localazure.md"
SCHEMA = "https://schema.management.azure.com/providers/Microsoft.Logic/schemas/2016-06-01/workflowdefinition.json#"
REQUEST = {"type": "Request", "kind": "Http", "inputs": {}}


@pytest.fixture(scope="module")
def coverage() -> dict[str, Table]:
    return {table.key: table for table in tables()}


@pytest.fixture(scope="module")
def made() -> Iterator[Parts]:
    with parts() as known:
        yield known


def test_made_anew_it_is_what_is_committed() -> None:
    committed = DOCUMENT.read_text(encoding="utf-8")
    assert renewed(committed, tables()) == committed, "make coverage-table writes it anew"


def test_nothing_is_told_twice_and_no_note_is_about_nothing(coverage: dict[str, Table]) -> None:
    for key, table in coverage.items():
        names = [f"{item.group}: {item.name}" if key == "connectors" else item.name for item in table.items]
        assert len(names) == len(set(names)), key
        assert set(NOTES[key]) <= set(names), key
        assert all(item.note for item in table.of("deviates")), key


# -- functions ----------------------------------------------------------------------------------------------------


def test_the_reference_has_133_functions_and_none_is_missing(coverage: dict[str, Table]) -> None:
    listed = [item for item in coverage["functions"].items if item.group != "Beyond the reference"]
    assert len(listed) == 133
    assert coverage["functions"].of("missing") == []
    assert tuple(item.name for item in coverage["functions"].items if item not in listed) == BEYOND


def test_every_function_can_be_called(coverage: dict[str, Table]) -> None:
    for item in coverage["functions"].items:
        try:
            compile_template(f"@{item.name}()").evaluate(Context())
        except ExpressionError as error:
            assert "is not defined or not valid" not in error.message, item.name
    with pytest.raises(ExpressionError, match="is not defined or not valid"):
        compile_template("@noSuchFunction()").evaluate(Context())


# -- actions and triggers -----------------------------------------------------------------------------------------


def refusal(trigger: dict[str, Any], action: dict[str, Any]) -> str:
    """What the local cloud says that it does not run of these two, "" if it runs both."""
    definition = {"$schema": SCHEMA, "triggers": {"Start": trigger}, "actions": {"Step": {"runAfter": {}, **action}}}
    try:
        deploy(definition, {})
    except WorkflowError as error:
        return error.message if error.code == "NotSupportedByLocalAzure" else ""
    return ""


def test_what_the_engine_knows_and_does_not_run_here_is_refused_by_name(coverage: dict[str, Table]) -> None:
    shown = {re.sub(r" \(.*", "", item.name) for key in ("actions", "triggers") for item in coverage[key].items}
    assert shown == set(TYPES)
    for item in coverage["actions"].items:
        kind, _, detail = item.name.partition(" (")
        # Some types are nothing without a kind; for the others any kind will do.
        step = {"type": kind, "kind": detail.strip(")") or "JsonToJson"}
        said = refusal(REQUEST, {**step, "inputs": {}})
        assert (said == "") is (item.status != "missing"), (item.name, said)
        assert said == "" or ("'Step'" in said and kind in said)


def test_triggers_are_refused_by_name_too(coverage: dict[str, Table]) -> None:
    for item in coverage["triggers"].items:
        said = refusal({"type": item.name, "inputs": {}}, {"type": "Compose", "inputs": 1})
        assert (said == "") is (item.status != "missing"), (item.name, said)
        assert said == "" or ("'Start'" in said and item.name in said)


def test_what_neither_recurs_nor_subscribes_nor_is_called_is_told_to_be_fired_by_hand() -> None:
    fired_by_hand = TRIGGERS - SCHEDULED - WEBHOOKS - {"Request"}
    assert fired_by_hand == {name for name, note in NOTES["triggers"].items() if "is not polled" in note}


# -- connectors ---------------------------------------------------------------------------------------------------


@pytest.mark.cloud
def test_every_operation_of_a_connector_is_known_to_it(mock_azure: MockAzure, azure_group: str) -> None:
    """With nothing in it a call is refused, as the operation that it is; only what is not served is not found."""
    host = mock_azure.connectors
    for api in ("acsemail", "azuretables", "office365", "sendgrid", "smtp"):
        connection = mock_azure.create_connection(azure_group, api)
        for operation in host.operations(api):
            request = ConnectorRequest(operation.method, re.sub(r"\{\w+\}", "x", operation.template))
            answer = mock_azure.cloud.call(partial(host.call, connection, request))
            assert "has no operation" not in str(answer.body), operation
        nothing = ConnectorRequest("GET", "/no/such/operation")
        assert "has no operation" in str(mock_azure.cloud.call(partial(host.call, connection, nothing)).body)


def test_microsofts_clients_have_no_operation_that_is_not_told_of(coverage: dict[str, Table], made: Parts) -> None:
    for api in ("azuretables", "office365", "sendgrid", "smtp"):
        told = {item.name.removesuffix(" (V2)") for item in coverage["connectors"].items if item.group == api}
        for path in client_operations(api):
            assert path in told | {name.partition(" (V")[0] for name in told}, (api, path)
        served = {operation.title for operation in made.connectors.operations(api)}
        done = [item for item in coverage["connectors"].items if item.group == api and item.status != "missing"]
        assert {item.name for item in done} == served


def client_operations(api: str) -> list[str]:
    """The designer's names of the operations of a generated client: the first lines of its methods' texts."""
    module = importlib.import_module(f"azure.connectors.{api}")
    (client,) = (
        found
        for _, found in inspect.getmembers(module, inspect.isclass)
        if issubclass(found, ConnectorClientBase) and found.__module__ == module.__name__
    )
    methods = inspect.getmembers(client, lambda member: inspect.iscoroutinefunction(member))
    texts = [inspect.getdoc(method) or "" for name, method in methods if name.endswith("_async")]
    return [text.splitlines()[0].strip() for text in texts]


# -- Azure Resource Manager ---------------------------------------------------------------------------------------


@pytest.mark.cloud
def test_what_is_served_answers_and_what_is_not_says_so(
    coverage: dict[str, Table], made: Parts, mock_azure: MockAzure, azure_group: str
) -> None:
    judged = {(item.group, item.name): item for item in coverage["operations"].items}
    router = router_of(made)
    for operation in operations():
        # The refusals stand behind a group that exists; the others must not touch one.
        group = azure_group if operation.namespace == "Microsoft.Logic" else "nowhere"
        said = called(mock_azure, operation, router, group)
        there = not any(words in said for words in ("does not serve it", "NotSupportedByLocalAzure"))
        assert there is (judged[operation.namespace, operation.id].status != "missing"), (operation, said)
        assert ("NotSupportedByLocalAzure" in said) is (operation.id in REFUSED), (operation, said)


def called(azure: MockAzure, operation: Operation, router: Router, group: str) -> str:
    """What ARM says to a call without a body."""
    match = router.match(example(operation))
    route = match.routes.get(operation.method) if match else None
    path = example(operation).replace("resourceGroups/x", f"resourceGroups/{group}")
    path = path.replace("/subscriptions/x", f"/subscriptions/{azure.subscription}")
    # A namespace that nobody can unregister: the cloud is everybody's.
    path = path.replace("/providers/x", "/providers/Microsoft.Authorization")
    try:
        return azure.arm(operation.method, path, version=route.api_versions[0] if route else "2024-03-01").text
    except ArmCallError as refused:
        return str(refused)


def test_every_route_is_told_of(made: Parts) -> None:
    told = set()
    router = router_of(made)
    for operation in operations():
        match = router.match(example(operation))
        found = match.routes.get("GET" if operation.method == "HEAD" else operation.method) if match else None
        told |= {(found.method, found.template)} if found else set()
    served = {(route.method, route.template) for provider in made.providers for route in provider.routes()}
    heads = {(method, path) for method, path in served if method == "HEAD"}
    # Of what hangs on any scope there is one more route, for the tenant itself.
    tenant = {(method, path.removeprefix("/{scope}")) for method, path in told}
    assert served - heads <= told | tenant


def test_the_versions_are_those_of_the_routes(made: Parts) -> None:
    routes = [route for provider in made.providers for route in provider.routes()]
    assert {version for _, known in versions() for version in known} == {
        version for route in routes for version in route.api_versions
    }


def router_of(made: Parts) -> Router:
    return Router([route for provider in made.providers for route in provider.routes()])


# -- metrics ------------------------------------------------------------------------------------------------------


def test_a_metric_is_done_if_the_runtime_counts_it(coverage: dict[str, Table]) -> None:
    source = "".join(file.read_text() for file in (ROOT / "localazure" / "workflows").rglob("*.py"))
    for item in coverage["metrics"].items:
        assert (f'"{item.name}"' in source) is (item.status == "done"), item.name


# -- the command --------------------------------------------------------------------------------------------------


def test_the_command_renews_a_document_and_prints_for_programs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    file = tmp_path / "document.md"
    file.write_text(text.replace("`mergeObjects`", "`nothing`"), encoding="utf-8")
    assert main([str(file)]) == 0
    assert file.read_text(encoding="utf-8") == text
    assert main(["--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert {"group": "String", "name": "concat", "status": "done", "note": ""} in printed["functions"]
    assert "2019-05-01" in printed["apiVersions"]["Microsoft.Logic/workflows"]


def test_a_document_without_a_place_for_it_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "document.md").write_text("nothing here")
    assert main([str(tmp_path / "document.md")]) == 1
    assert "put <!-- coverage" in capsys.readouterr().err
    assert (tmp_path / "document.md").read_text() == "nothing here"
