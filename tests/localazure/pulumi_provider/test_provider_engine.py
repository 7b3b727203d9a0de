"""The stand-in under the real Pulumi engine: what a user sees of names, previews, replacement, drift and failure."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from arm_stub import SUBSCRIPTION, ArmStub, document
from engine_project import Project
from provider_client import ProviderClient

pytestmark = pytest.mark.engine

GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/g"
ACCOUNT = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/account"

STORE = """
group = azure.resources.ResourceGroup("group")
account = azure.storage.StorageAccount(
    "store", resource_group_name=group.name, kind="StorageV2", sku={"name": "Standard_LRS"}, tags={"stage": "test"}
)
table = azure.storage.Table("MarketplaceLeads", resource_group_name=group.name, account_name=account.name)
pulumi.export("account", account.name)
"""
FLOW = """
flow = azure.logic.Workflow(
    "flow", resource_group_name="g", workflow_name="flow", state="Enabled",
    definition={"$schema": "s", "triggers": {}, "actions": {}}, parameters={"p": {"type": "Int", "value": 1}},
)
"""


def test_the_life_of_a_stack(project: Project, web_arm: ArmStub) -> None:
    assert project.steps(STORE) == dict.fromkeys(("test-dev", "group", "store", "MarketplaceLeads"), "create")
    assert web_arm.calls == []
    project.up()
    account = project.outputs()["account"]
    assert re.fullmatch("store[0-9a-f]{8}", account)
    assert web_arm.written(f"/storageAccounts/{account}")["location"] == "westeurope"
    # Unchanged, nothing is asked of ARM.
    before = len(web_arm.calls)
    assert "4 unchanged" in project.up()
    assert len(web_arm.calls) == before
    project.refresh()
    project.run("preview", "--expect-no-changes")
    project.destroy()
    assert web_arm.resources == {}


def test_an_update_in_place(project: Project, web_arm: ArmStub) -> None:
    project.program(FLOW)
    project.up()
    changed = FLOW.replace('"Enabled"', '"Disabled"')
    assert project.steps(changed) == {"flow": "update"}
    project.up()
    assert web_arm.written("workflows/flow")["properties"]["state"] == "Disabled"


def test_a_random_name_is_replaced_create_first_and_an_explicit_one_delete_first(
    project: Project, web_arm: ArmStub
) -> None:
    text = """
azure.storage.StorageAccount("random", resource_group_name="g", kind="StorageV2", sku={"name": "x"}, location="a")
azure.storage.StorageAccount(
    "explicit", account_name="explicit", resource_group_name="g", kind="StorageV2", sku={"name": "x"}, location="a"
)
"""
    project.program(text)
    project.up()
    old = project.resources()["random"]["outputs"]["name"]
    web_arm.calls.clear()
    project.program(text.replace('location="a"', 'location="b"'))
    project.up()
    new = project.resources()["random"]["outputs"]["name"]
    assert old != new

    def order(name: str) -> list[str]:
        return [method for method, path, _ in web_arm.calls if path.endswith(name) and method in ("PUT", "DELETE")]

    assert order("explicit") == ["DELETE", "PUT"]
    changes = [(method, path.rsplit("/", 1)[1]) for method, path, _ in web_arm.calls if method in ("PUT", "DELETE")]
    assert changes.index(("PUT", new)) < changes.index(("DELETE", old))


def test_another_spelling_of_the_region_changes_nothing(project: Project) -> None:
    text = 'azure.storage.StorageAccount("a", resource_group_name="g", kind="k", sku={"name": "x"}, location="westus2")'
    project.program(text)
    project.up()
    assert project.steps(text.replace("westus2", "West US 2")) == {}


def test_the_engine_settles_names_if_told_to(project: Project) -> None:
    project.run("config", "set", "--path", "pulumi:autonaming.pattern", "${name}x${num(3)}")
    project.program(STORE)
    project.up()
    assert re.fullmatch("storex[0-9]{3}", project.outputs()["account"])
    project.run("config", "set", "--path", "pulumi:autonaming.mode", "disabled")
    project.run("config", "rm", "--path", "pulumi:autonaming.pattern")
    shown = project.run("up", "--yes", "--skip-preview", "--replace", "**store", fails=True)
    assert "missing required property 'accountName'" in shown


def test_failures_of_check_stop_a_preview(project: Project, web_arm: ArmStub) -> None:
    project.program('azure.storage.Table("t" * 64, resource_group_name="g", account_name="account")')
    assert "'tableName' is too long (64): at most 63 characters allowed" in project.run("preview", fails=True)
    assert web_arm.calls == []


def test_what_depends_on_something_unknown_is_previewed(project: Project) -> None:
    text = """
group = azure.resources.ResourceGroup("group", location="westeurope")
keys = azure.storage.list_storage_account_keys_output(account_name="a", resource_group_name=group.name)
flow = azure.logic.Workflow("flow", resource_group_name=group.name, definition={"id": group.id})
pulumi.export("key", keys.keys[0].value)
"""
    assert project.steps(text) == {"test-dev": "create", "group": "create", "flow": "create"}


def test_a_property_that_is_not_modelled_never_reaches_arm(project: Project, web_arm: ArmStub) -> None:
    project.program("""
azure.web.Connection(
    "tables", connection_name="tables", resource_group_name="g",
    properties={"displayName": "d", "parameterValueSet": {"name": "managedIdentityAuth"}},
)
""")
    project.up()
    assert web_arm.written("connections/tables")["properties"] == {"displayName": "d"}


def test_drift_is_found_and_put_right(project: Project, web_arm: ArmStub) -> None:
    project.program(FLOW)
    project.up()
    live = web_arm.resources[f"{GROUP}/providers/Microsoft.Logic/workflows/flow".lower()]
    live["properties"]["state"] = "Disabled"
    live["tags"] = {"by": "hand"}
    project.refresh()
    assert project.resources()["flow"]["inputs"]["state"] == "Disabled"
    assert project.resources()["flow"]["inputs"]["tags"] == {"by": "hand"}
    assert project.steps() == {"flow": "update"}
    project.up()
    assert web_arm.written("workflows/flow")["properties"]["state"] == "Enabled"
    assert "tags" not in web_arm.written("workflows/flow")


def test_what_is_gone_is_dropped_on_refresh_and_created_again(project: Project, web_arm: ArmStub) -> None:
    project.program(FLOW)
    project.up()
    web_arm.resources.clear()
    project.refresh()
    assert project.resources() == {}
    assert project.steps()["flow"] == "create"


def test_what_is_gone_can_be_destroyed(project: Project, web_arm: ArmStub) -> None:
    project.program(FLOW)
    project.up()
    web_arm.resources.clear()
    project.destroy()
    assert project.resources() == {}


def test_something_that_exists_is_not_taken_over(project: Project, web_arm: ArmStub) -> None:
    path = f"{GROUP}/providers/Microsoft.Logic/workflows/flow"
    web_arm.resources[path.lower()] = document(path, {})
    project.program(FLOW)
    assert f"cannot create already existing resource '{path}'" in project.up(fails=True)


def test_import(project: Project, web_arm: ArmStub) -> None:
    body = {"kind": "StorageV2", "location": "westeurope", "sku": {"name": "Standard_LRS"}, "tags": {}}
    web_arm.resources[ACCOUNT.lower()] = document(ACCOUNT, body)
    text = f"""
azure.storage.StorageAccount(
    "store", account_name="account", resource_group_name="g", kind="StorageV2", sku={{"name": "Standard_LRS"}},
    opts=pulumi.ResourceOptions(import_="{ACCOUNT}"),
)
"""
    project.program(text)
    project.up()
    assert web_arm.calls[-1][0] == "GET"
    assert project.resources()["store"]["outputs"]["kind"] == "StorageV2"
    project.program(re.sub(r"    opts=.*\n", "", text))
    project.run("preview", "--expect-no-changes")


def test_import_by_command(project: Project, web_arm: ArmStub) -> None:
    """Without code: writing the program needs the CLI's own language host."""
    web_arm.resources[ACCOUNT.lower()] = document(ACCOUNT, {"kind": "StorageV2", "sku": {"name": "x", "tier": "y"}})
    project.program("")
    project.run("import", "azure-native:storage:StorageAccount", "store", ACCOUNT, "--yes", "--generate-code=false")
    expected = {"accountName": "account", "resourceGroupName": "g", "kind": "StorageV2", "sku": {"name": "x"}}
    assert project.resources()["store"]["inputs"] == expected


def test_the_package_schema_is_valid(project: Project, provider: ProviderClient, tmp_path: Path) -> None:
    file = tmp_path / "schema.json"
    file.write_text(provider.call("GetSchema")["schema"])
    project.run("schema", "check", str(file))
    file.write_text(file.read_text().replace('"#/types/azure-native:storage:Sku"', '"#/types/azure-native:storage:No"'))
    project.run("schema", "check", str(file), fails=True)


def test_an_existing_resource_can_be_read(project: Project, web_arm: ArmStub) -> None:
    web_arm.resources[ACCOUNT.lower()] = document(ACCOUNT, {"kind": "StorageV2", "location": "westeurope"})
    project.program(f'pulumi.export("kind", azure.storage.StorageAccount.get("it", id="{ACCOUNT}").kind)')
    project.up()
    assert project.outputs()["kind"] == "StorageV2"


def test_a_late_failure_leaves_the_resource_in_the_state_and_the_next_up_mends_it(
    project: Project, web_arm: ArmStub
) -> None:
    error = {"error": {"code": "NoCapacity", "message": "none left"}}

    def rule(stub: ArmStub, method: str, path: str, body: Any) -> Any:
        if method == "PUT":
            stub.resources[path.lower()] = document(path, body)
            return 202, {"Location": "/operations/1"}, None
        return (409, {}, error) if path == "/operations/1" else None

    web_arm.rules.append(rule)
    project.program(FLOW)
    assert 'Status=409 Code="NoCapacity" Message="none left"' in project.up(fails=True)
    kept = project.resources()["flow"]
    assert kept["initErrors"] == ['Status=409 Code="NoCapacity" Message="none left"']
    assert (kept["outputs"]["name"], kept["inputs"]["workflowName"]) == ("flow", "flow")
    web_arm.rules.clear()
    project.up()
    assert "initErrors" not in project.resources()["flow"]


def test_a_refused_update_is_told_in_arms_words(project: Project, web_arm: ArmStub) -> None:
    project.program(FLOW)
    project.up()
    error = {"error": {"code": "InvalidTemplate", "message": "The template is not valid."}}
    web_arm.rules.append(lambda _stub, method, *_call: (400, {}, error) if method == "PUT" else None)
    project.program(FLOW.replace('"actions": {}', '"actions": {"a": {}}'))
    assert 'Status=400 Code="InvalidTemplate" Message="The template is not valid."' in project.up(fails=True)
    assert project.resources()["flow"]["inputs"]["definition"]["actions"] == {}


def test_a_secret_input_is_never_plain_in_the_state(project: Project, web_arm: ArmStub) -> None:
    project.program("""
azure.web.Connection(
    "tables", connection_name="tables", resource_group_name="g",
    properties={"displayName": "d", "parameterValues": {"sharedkey": pulumi.Output.secret("VERYSECRETKEY")}},
)
""")
    shown = project.up()
    assert web_arm.written("connections/tables")["properties"]["parameterValues"] == {"sharedkey": "VERYSECRETKEY"}
    exported = project.run("stack", "export")
    project.refresh()
    for text in (shown, exported, project.run("stack", "export"), project.run("preview", "--diff")):
        assert "VERYSECRETKEY" not in text


def test_an_explicit_provider_has_a_configuration_of_its_own(project: Project, web_arm: ArmStub) -> None:
    project.program("""
other = azure.Provider("other", location="northeurope", subscription_id="10ca1a2e-0000-4000-8000-00000000000f")
azure.resources.ResourceGroup("here")
azure.resources.ResourceGroup("there", opts=pulumi.ResourceOptions(provider=other))
""")
    project.up()
    regions = {}
    for method, path, body in web_arm.calls:
        if method == "PUT":
            _, _, subscription, _, name = path.split("/")
            regions[re.sub("[0-9a-f]{8}$", "", name)] = (subscription[-1], body["location"])
    assert regions == {"here": ("1", "westeurope"), "there": ("f", "northeurope")}
    project.destroy()
    assert web_arm.resources == {}
