"""The whole program under Pulumi mocks: what the engine is sent for a stack on Azure and for the local one."""

from __future__ import annotations

import inspect
import json
from dataclasses import replace
from typing import Any

import pulumi
import pytest
from program import CONFIG, LOCAL_ENVIRONMENT, ROOT, deploy
from pulumi_azure_native import web
from pulumi_mocks import KEY1, KEY2, SUBSCRIPTION, revealed
from pydantic.alias_generators import to_camel

import notifier.flow
from stacks import flow
from stacks.settings import parse_settings
from wdl.checker.finding import Finding

PROGRAM = ROOT / "__main__.py"


def all_secrets(value: Any) -> list[Any]:
    """Every value inside a secret, at any depth."""
    if pulumi.runtime.rpc.is_rpc_secret(value):
        return [pulumi.runtime.rpc.unwrap_rpc_secret(value)]
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    return [found for item in items for found in all_secrets(item)]


def without_secrets(value: Any) -> Any:
    if pulumi.runtime.rpc.is_rpc_secret(value):
        return "[secret]"
    if isinstance(value, dict):
        return {name: without_secrets(item) for name, item in value.items()}
    return [without_secrets(item) for item in value] if isinstance(value, list) else value


def test_the_program_fits_on_a_page() -> None:
    assert len(PROGRAM.read_text().splitlines()) <= 95


def test_it_deploys_what_the_documentation_promises() -> None:
    found = sorted(resource.token for resource in deploy().resources if resource.token.startswith("azure-native:"))
    assert found == [
        "azure-native:logic:Workflow",
        "azure-native:monitor:ActionGroup",
        "azure-native:monitor:MetricAlert",
        "azure-native:resources:ResourceGroup",
        "azure-native:storage:StorageAccount",
        "azure-native:storage:Table",
        "azure-native:web:Connection",
        "azure-native:web:Connection",
    ]


def test_the_storage_account_is_safe_and_reachable_for_microsoft() -> None:
    inputs = deploy().one("azure-native:storage:StorageAccount").inputs
    assert inputs["kind"] == "StorageV2"
    assert inputs["sku"] == {"name": "Standard_LRS"}
    assert inputs["minimumTlsVersion"] == "TLS1_2"
    assert inputs["enableHttpsTrafficOnly"] is True
    assert inputs["allowBlobPublicAccess"] is False
    assert inputs["allowSharedKeyAccess"] is True
    assert "networkRuleSet" not in inputs
    assert "publicNetworkAccess" not in inputs


def test_outputs_of_a_stack_on_azure() -> None:
    outputs = deploy().outputs
    assert outputs.pop("protection").startswith("none: `pulumi destroy --stack dev` deletes the table")
    group = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/marketplace-leads-dev/providers"
    assert revealed(outputs.pop("connectionString")) == (
        f"DefaultEndpointsProtocol=https;AccountName=leadsdev0123abcd;AccountKey={KEY2};EndpointSuffix=core.windows.net"
    )
    assert "--stack dev" in outputs.pop("nextSteps")
    assert f"{group}/Microsoft.Web/connections/office365/edit" in outputs.pop("mailAuthorization")
    assert outputs == {
        "resourceGroupName": "marketplace-leads-dev",
        "storageAccountId": f"{group}/Microsoft.Storage/storageAccounts/leadsdev0123abcd",
        "storageAccountName": "leadsdev0123abcd",
        "leadTableName": "MarketplaceLeads",
        "logicAppId": f"{group}/Microsoft.Logic/workflows/lead-notifier",
        "logicAppPortalUrl": f"https://portal.azure.com/#resource{group}/Microsoft.Logic/workflows/lead-notifier",
        "mailConnectionId": f"{group}/Microsoft.Web/connections/office365",
    }


def test_outputs_of_the_local_stack(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in LOCAL_ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    outputs = deploy(stack="local", table_endpoint="http://127.0.0.1:9/{account}/").outputs
    assert revealed(outputs["connectionString"]) == (
        f"DefaultEndpointsProtocol=http;AccountName=leadslocal0123abcd;AccountKey={KEY2}"
        ";TableEndpoint=http://127.0.0.1:9/leadslocal0123abcd/"
    )
    assert outputs["nextSteps"].startswith("Not for Partner Center")
    assert outputs["logicAppPortalUrl"] == "none: the local cloud has no portal; its inbox is at http://127.0.0.1:2"
    assert outputs["mailAuthorization"].startswith("Nothing to do")


def test_a_rehearsed_stack_says_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    rehearsal = {"MARKETPLACE_LEADS_REHEARSAL": "1", "PULUMI_BACKEND_URL": "file:///tmp/state"}
    for name, value in {**LOCAL_ENVIRONMENT, **rehearsal}.items():
        monkeypatch.setenv(name, value)
    outputs = deploy(stack="prod", table_endpoint="http://127.0.0.1:9/{account}/").outputs
    assert outputs["resourceGroupName"] == "marketplace-leads-prod"
    assert outputs["logicAppPortalUrl"].startswith("none: the local cloud has no portal")
    assert outputs["nextSteps"].startswith("Not for Partner Center: stack 'prod' is not on Azure")


def test_no_key_is_sent_to_the_engine_in_plain() -> None:
    config = {"mailChannel": "smtp", "smtpHost": "smtp.contoso.com", "smtpFrom": "leads@contoso.com"}
    config |= {"smtpUser": "leads", "smtpPassword": "hunter2hunter2"}
    deployment = deploy(config, secret=("smtpPassword",))
    sent = [*(resource.inputs for resource in deployment.resources), deployment.outputs]
    hidden = json.dumps([all_secrets(value) for value in sent])
    plain = json.dumps([without_secrets(value) for value in sent])
    for secret in (KEY1, KEY2, "hunter2hunter2"):
        assert secret in hidden
        assert secret not in plain


def test_the_flow_reads_with_key1_and_partner_center_writes_with_key2() -> None:
    deployment = deploy()
    tables = next(found for found in deployment.all("azure-native:web:Connection") if "azuretables" in found.name)
    values = revealed(tables.inputs["properties"])["parameterValues"]
    assert values == {"storageaccount": "leadsdev0123abcd", "sharedkey": KEY1}


def test_the_office365_connection_has_a_fixed_name_and_no_values() -> None:
    mail = next(found for found in deploy().all("azure-native:web:Connection") if "office365" in found.name)
    assert mail.inputs["connectionName"] == "office365"
    assert mail.inputs["properties"] == {
        "displayName": "Office 365 Outlook",
        "api": {
            "id": f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Web/locations/westeurope/managedApis/office365"
        },
    }


def test_nothing_of_a_consented_connection_leads_to_a_second_put() -> None:
    """Of whatever the SDK knows of a connection only its place and its API may change it."""
    mail = next(found for found in deploy().all("azure-native:web:Connection") if "office365" in found.name)
    known = {
        *arguments(
            web.Connection._internal_init, "", {"connectionName", "resourceGroupName", "location", "properties"}
        ),
        *arguments(web.ApiConnectionDefinitionPropertiesArgs.__init__, "properties.", {"api"}),
        *arguments(web.ApiReferenceArgs.__init__, "properties.api.", {"id"}),
    }
    assert set(mail.ignore_changes) == known
    tables = next(found for found in deploy().all("azure-native:web:Connection") if "azuretables" in found.name)
    assert tables.ignore_changes == ()


def arguments(function: Any, prefix: str, without: set[str]) -> set[str]:
    """The names on the wire of what a function of the SDK takes."""
    names = [name for name in inspect.signature(function).parameters if not name.startswith("_")]
    wire = {to_camel(name) for name in names if name not in ("resource_name", "opts")}
    return {f"{prefix}{name}" for name in wire - without}


def test_the_provider_cannot_express_a_managed_identity_of_a_connection() -> None:
    """When this fails, it can: let the connection to the table use one (docs/environments.md, Key or identity)."""
    known = inspect.signature(web.ApiConnectionDefinitionPropertiesArgs.__init__).parameters
    assert not {"parameter_value_set", "parameter_value_type"} & set(known)


def test_no_connection_asks_for_a_parameter_value_set_which_the_provider_would_drop() -> None:
    for connection in deploy().all("azure-native:web:Connection"):
        assert "parameterValueSet" not in json.dumps(connection.inputs)


def test_an_smtp_connection_carries_its_server() -> None:
    config = {"mailChannel": "smtp", "smtpHost": "smtp.contoso.com", "smtpFrom": "leads@contoso.com"}
    config |= {"smtpUser": "leads", "smtpPassword": "hunter2", "smtpTls": "false", "smtpPort": "2525"}
    deployment = deploy(config, secret=("smtpPassword",))
    smtp = next(found for found in deployment.all("azure-native:web:Connection") if "smtp" in found.name)
    assert revealed(smtp.inputs["properties"])["parameterValues"] == {
        "serverAddress": "smtp.contoso.com",
        "port": "2525",
        "enableSSL": "false",
        "userName": "leads",
        "password": "hunter2",
    }
    assert "needs no consent" in deployment.outputs["mailAuthorization"]


def test_the_workflow_is_given_both_connections() -> None:
    workflow = deploy().one("azure-native:logic:Workflow").inputs
    connections = workflow["parameters"]["$connections"]["value"]
    apis = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Web/locations/westeurope/managedApis"
    group = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/marketplace-leads-dev/providers/Microsoft.Web/connections"
    assert connections == {
        api: {"connectionId": f"{group}/{api}", "connectionName": api, "id": f"{apis}/{api}"}
        for api in ("azuretables", "office365")
    }
    assert workflow["state"] == "Enabled"


def test_a_flow_that_is_to_stand_still_is_deployed_disabled() -> None:
    workflow = deploy({"flowState": "disabled"}).one("azure-native:logic:Workflow").inputs
    assert workflow["state"] == "Disabled"


def test_the_workflow_is_made_after_the_table_that_its_first_run_reads() -> None:
    notifier = deploy().one("marketplace-leads:stacks:Notifier")
    assert any(urn.endswith("::leads-table") for urn in notifier.dependencies)


def test_the_settings_reach_the_deployed_definition() -> None:
    config = {"frequency": "Minute", "interval": "15", "leadTable": "Leads", "subject": "@{Neu}"}
    definition = deploy(config).one("azure-native:logic:Workflow").inputs["definition"]
    actions = definition["actions"]
    assert definition["triggers"]["Recurrence"]["recurrence"] == {"frequency": "Minute", "interval": 15}
    assert actions["Get_past_time"]["inputs"] == {"interval": 15, "timeUnit": "Minute"}
    assert "'Leads'" in actions["Get_entities"]["inputs"]["path"]
    mail = actions["Condition"]["actions"]["Send_an_email"]["inputs"]["body"]
    assert mail["To"] == "sales@contoso.com;partners@contoso.com"
    assert mail["Subject"] == "@@{Neu}"


def test_failed_runs_are_mailed_to_the_alert_recipients() -> None:
    deployment = deploy({"alertRecipients": "ops@contoso.com; boss@contoso.com"})
    group = deployment.one("azure-native:monitor:ActionGroup").inputs
    alert = deployment.one("azure-native:monitor:MetricAlert").inputs
    assert [receiver["emailAddress"] for receiver in group["emailReceivers"]] == ["ops@contoso.com", "boss@contoso.com"]
    assert len({receiver["name"] for receiver in group["emailReceivers"]}) == 2
    assert len(group["groupShortName"]) <= 12
    assert group["location"] == alert["location"] == "global"
    assert alert["scopes"] == [deployment.outputs["logicAppId"]]
    assert alert["actions"][0]["actionGroupId"].endswith("/actionGroups/lead-alerts-mail")
    criterion = alert["criteria"]["allOf"][0]
    assert (criterion["metricName"], criterion["operator"], criterion["threshold"]) == ("RunsFailed", "GreaterThan", 0)


def test_a_standstill_is_mailed_too_where_it_is_asked_for() -> None:
    deployment = deploy({"standstillAlert": "true", "alertSeverity": "2"})
    failed, standstill = sorted(deployment.all("azure-native:monitor:MetricAlert"), key=lambda alert: alert.name)
    assert (failed.name, standstill.name) == ("lead-alerts-runs-failed", "lead-alerts-standstill")
    assert failed.inputs["severity"] == standstill.inputs["severity"] == 2
    criterion = standstill.inputs["criteria"]["allOf"][0]
    assert (criterion["metricName"], criterion["operator"], criterion["threshold"]) == ("RunsStarted", "LessThan", 1)
    assert standstill.inputs["windowSize"] == "PT6H"
    assert "for PT6H" in standstill.inputs["description"]


def test_every_resource_that_can_be_tagged_is() -> None:
    deployment = deploy({"tags": "team=sales"})
    untagged = {
        resource.token
        for resource in deployment.resources
        if resource.token.startswith("azure-native:")
        and resource.inputs.get("tags") != {"project": "marketplace-leads", "stack": "dev", "team": "sales"}
    }
    assert untagged == {"azure-native:storage:Table"}


def test_every_resource_of_a_component_is_its_child() -> None:
    for resource in deploy().resources:
        if resource.token.startswith("azure-native:") and resource.token != "azure-native:resources:ResourceGroup":
            assert "marketplace-leads:stacks:" in resource.parent, resource.name


def test_the_program_ends_with_the_settings_error_alone() -> None:
    with pytest.raises(pulumi.RunError, match="frequency: 'Hours' is not allowed"):
        deploy({"frequency": "Hours"})


def test_the_local_stack_refuses_to_run_without_the_local_cloud() -> None:
    with pytest.raises(pulumi.RunError, match="Stack 'local' runs on the local cloud only"):
        deploy(stack="local")


def test_an_azure_stack_refuses_to_run_with_the_local_cloud(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in LOCAL_ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(pulumi.RunError, match="Stack 'dev' is meant for Azure"):
        deploy(stack="dev")


def finding(severity: Any) -> Finding:
    return Finding("some-rule", severity, "$.actions.A", None, "It is wrong.", "It fails.", "Mend it.")


def test_preview_fails_on_what_logic_apps_would_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notifier.flow, "check", lambda definition, channel: [finding("warning"), finding("error")])
    with pytest.raises(flow.FlowError, match=r"some-rule at \$\.actions\.A: It is wrong\. It fails\. Mend it\."):
        flow.checked_definition(parse_settings(CONFIG, set(), "dev"))


def test_preview_fails_on_what_the_service_alone_would_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    refused = replace(finding("warning"), refused_by="service")
    monkeypatch.setattr(notifier.flow, "check", lambda definition, channel: [refused])
    with pytest.raises(flow.FlowError, match="some-rule"):
        flow.checked_definition(parse_settings(CONFIG, set(), "dev"))


def test_preview_warns_of_what_would_misbehave(monkeypatch: pytest.MonkeyPatch) -> None:
    warned: list[str] = []
    monkeypatch.setattr(pulumi.log, "warn", warned.append)
    monkeypatch.setattr(notifier.flow, "check", lambda definition, channel: [finding("warning")])
    flow.checked_definition(parse_settings(CONFIG, set(), "dev"))
    assert warned == ["some-rule at $.actions.A: It is wrong. It fails. Mend it."]


def test_preview_says_nothing_of_the_flow_that_microsoft_documents(monkeypatch: pytest.MonkeyPatch) -> None:
    """A warning on every preview would teach people to overlook the next one."""
    warned: list[str] = []
    debugged: list[str] = []
    monkeypatch.setattr(pulumi.log, "warn", warned.append)
    monkeypatch.setattr(pulumi.log, "debug", debugged.append)
    flow.checked_definition(parse_settings(CONFIG, set(), "dev"))
    assert warned == []
    assert "look-back-without-window" in debugged[0]
    assert "scripts/export_leads.py" in debugged[0]
