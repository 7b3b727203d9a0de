"""Check: what is filled in, what is refused and in which words, what passes unseen."""

from __future__ import annotations

from typing import Any

import pytest
from arm_stub import SUBSCRIPTION, ArmStub, document
from provider_client import ProviderClient

from localazure.pulumi_provider.values import UNKNOWN

UNKNOWN_TEXT = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
ACCOUNT = {"resourceGroupName": "group", "kind": "StorageV2", "sku": {"name": "Standard_LRS"}}
TABLE = {"resourceGroupName": "group", "accountName": "account"}
ALERT = {
    "resourceGroupName": "group",
    "enabled": True,
    "evaluationFrequency": "PT5M",
    "windowSize": "PT5M",
    "scopes": ["/x"],
    "severity": 1,
    "criteria": {"odataType": "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria", "allOf": []},
}
LOCATION_HINT = "configure it with 'pulumi config set azure-native:location <value>'"


def test_a_valid_account_gets_a_name_the_region_and_the_api_version(provider: ProviderClient) -> None:
    answer = provider.check("storage:StorageAccount", ACCOUNT, randomSeed="c2VlZA==", name="test")
    assert answer["failures"] == []
    assert answer["inputs"] == {
        **ACCOUNT,
        "accountName": "test614742c2",
        "location": "westeurope",
        "azureApiVersion": "2024-01-01",
        "__createBeforeDelete": True,
    }


@pytest.mark.parametrize(
    ("token", "inputs", "reason"),
    [
        ("storage:StorageAccount", {"resourceGroupName": "g", "kind": "x"}, "missing required property 'sku'"),
        ("storage:StorageAccount", {**ACCOUNT, "sku": {}}, "missing required property 'sku.name'"),
        (
            "storage:StorageAccount",
            {**ACCOUNT, "accountName": "ab"},
            "'accountName' is too short (2): at least 3 characters required",
        ),
        (
            "storage:StorageAccount",
            {**ACCOUNT, "networkRuleSet": {}},
            "missing required property 'networkRuleSet.defaultAction'",
        ),
        ("storage:StorageAccount", {**ACCOUNT, "kind": 1}, "'kind' should be of type 'string' but got a number"),
        ("storage:StorageAccount", {**ACCOUNT, "tags": "x"}, "'tags' should be of type 'object' but got a string"),
        ("storage:StorageAccount", {**ACCOUNT, "sku": ["x"]}, "'sku' should be of type 'object' but got an array"),
        (
            "storage:StorageAccount",
            {**ACCOUNT, "resourceGroupName": "a b"},
            "'resourceGroupName' does not match expression '^[-\\w\\._\\(\\)]+$'",
        ),
        (
            "storage:Table",
            {**TABLE, "tableName": "x" * 64},
            "'tableName' is too long (64): at most 63 characters allowed",
        ),
        (
            "storage:Table",
            {**TABLE, "tableName": "1abc"},
            "'tableName' does not match expression '^[A-Za-z][A-Za-z0-9]{2,62}$'",
        ),
        ("storage:Table", {"resourceGroupName": "g"}, "missing required property 'accountName'"),
        (
            "storage:Table",
            {**TABLE, "signedIdentifiers": [{"id": "a"}, {}]},
            "missing required property 'signedIdentifiers[1].id'",
        ),
        (
            "monitor:ActionGroup",
            {"resourceGroupName": "g", "enabled": True, "groupShortName": "x" * 13},
            "'groupShortName' is too long (13): at most 12 characters allowed",
        ),
        (
            "monitor:ActionGroup",
            {"resourceGroupName": "g", "groupShortName": "x"},
            "missing required property 'enabled'",
        ),
        ("monitor:MetricAlert", {**ALERT, "severity": 1.5}, "'severity' must be an integer but got 1.500000"),
        ("monitor:MetricAlert", {**ALERT, "severity": "1"}, "'severity' should be of type 'integer' but got a string"),
        (
            "authorization:RoleAssignment",
            {"scope": "/x", "roleDefinitionId": "r"},
            "missing required property 'principalId'",
        ),
        ("authorization:ManagementLockByScope", {"level": "ReadOnly"}, "missing required property 'scope'"),
    ],
)
def test_what_cannot_be_deployed_is_refused_in_the_providers_words(
    provider: ProviderClient, token: str, inputs: dict[str, Any], reason: str
) -> None:
    assert reason in provider.check(token, inputs)["failures"]


@pytest.mark.parametrize(
    ("days", "reason"),
    [
        (0, "is too low (0.000000 < 1.000000)"),
        (146001, "is too high (146001.000000 > 146000.000000)"),
    ],
)
def test_ranges_are_checked(provider: ProviderClient, days: int, reason: str) -> None:
    policy = {"immutabilityPolicy": {"immutabilityPeriodSinceCreationInDays": days}}
    failures = provider.check("storage:StorageAccount", {**ACCOUNT, "immutableStorageWithVersioning": policy})[
        "failures"
    ]
    place = "immutableStorageWithVersioning.immutabilityPolicy.immutabilityPeriodSinceCreationInDays"
    assert failures == [f"'{place}' {reason}"]


@pytest.mark.parametrize(
    "extra",
    [
        {"noSuchProperty": 1},  # unknown properties are not reported …
        {"kind": "NoSuchKind"},  # … nor enumeration values
        {"enableHttpsTrafficOnly": True, "minimumTlsVersion": UNKNOWN_TEXT},
        {"accountName": "MySa6198fc68"},  # ARM refuses it; Check has no pattern for it
        {"sku": UNKNOWN_TEXT},
        {"accessTier": None},
    ],
)
def test_what_the_real_provider_does_not_check_passes(provider: ProviderClient, extra: dict[str, Any]) -> None:
    assert provider.check("storage:StorageAccount", {**ACCOUNT, **extra})["failures"] == []


def test_inside_any_nothing_is_checked_and_nothing_changed(provider: ProviderClient) -> None:
    definition = {"$schema": 1, "triggers": {"r": {"type": 3, "odata.type": [1, {"x": False}]}}}
    answer = provider.check("logic:Workflow", {"resourceGroupName": "g", "definition": definition})
    assert (answer["failures"], answer["inputs"]["definition"]) == ([], definition)


def test_nulls_are_dropped_also_inside_any(provider: ProviderClient) -> None:
    given = {"resourceGroupName": "g", "definition": {"a": None, "b": [None, {"c": None}]}, "state": None}
    inputs = provider.check("logic:Workflow", given)["inputs"]
    assert inputs["definition"] == {"b": [None, {}]}
    assert "state" not in inputs


def test_the_region_of_old_inputs_wins_over_the_configured_one(provider: ProviderClient) -> None:
    inputs = provider.check("logic:Workflow", {"resourceGroupName": "g"}, {"location": "West US"})["inputs"]
    assert inputs["location"] == "West US"


def test_without_a_configured_region_that_of_the_resource_group_is_taken_and_asked_for_once(
    make_provider: Any, web_arm: ArmStub
) -> None:
    provider = make_provider()
    provider.configure()
    group = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/group"
    web_arm.resources[group.lower()] = document(group, {"location": "northeurope"})
    for _ in range(2):
        assert provider.check("storage:StorageAccount", ACCOUNT)["inputs"]["location"] == "northeurope"
    assert [call[:2] for call in web_arm.calls] == [("GET", group)]
    assert web_arm.queries == [{"api-version": "2020-10-01"}]


def test_a_region_that_cannot_be_told_is_asked_for(make_provider: Any) -> None:
    provider = make_provider()
    provider.configure()
    failures = provider.check("storage:StorageAccount", ACCOUNT)["failures"]
    assert len(failures) == 1
    assert failures[0].startswith("missing required property 'location'")
    assert LOCATION_HINT in failures[0]


def test_the_region_of_an_unknown_group_is_unknown(make_provider: Any, web_arm: ArmStub) -> None:
    provider = make_provider()
    provider.configure()
    answer = provider.check("storage:StorageAccount", {**ACCOUNT, "resourceGroupName": UNKNOWN_TEXT})
    assert answer["inputs"]["location"] == UNKNOWN_TEXT
    assert answer["failures"] == []
    assert web_arm.calls == []


def test_an_old_name_is_kept_with_its_flag(provider: ProviderClient) -> None:
    kept = provider.check("storage:StorageAccount", ACCOUNT, {"accountName": "old", "__createBeforeDelete": True})
    assert (kept["inputs"]["accountName"], kept["inputs"]["__createBeforeDelete"]) == ("old", True)
    chosen = provider.check("storage:StorageAccount", ACCOUNT, {"accountName": "old"})
    assert (chosen["inputs"]["accountName"], "__createBeforeDelete" in chosen["inputs"]) == ("old", False)


def test_an_explicit_name_has_no_flag(provider: ProviderClient) -> None:
    inputs = provider.check("storage:StorageAccount", {**ACCOUNT, "accountName": "mine"})["inputs"]
    assert "__createBeforeDelete" not in inputs


def test_a_forbidden_name_is_missing(provider: ProviderClient) -> None:
    answer = provider.check("storage:StorageAccount", ACCOUNT, autonaming={"mode": "DISABLE"})
    assert answer["failures"] == ["missing required property 'accountName'"]


def test_a_proposed_name_is_taken_and_may_be_replaced_first(provider: ProviderClient) -> None:
    proposal = {"mode": "PROPOSE", "proposedName": "ours"}
    inputs = provider.check("storage:Table", TABLE, autonaming=proposal)["inputs"]
    assert (inputs["tableName"], inputs["__createBeforeDelete"]) == ("ours", True)


def test_a_child_takes_its_logical_name_and_no_region(provider: ProviderClient) -> None:
    inputs = provider.check("storage:Table", TABLE, name="MarketplaceLeads")["inputs"]
    assert inputs == {**TABLE, "tableName": "MarketplaceLeads", "azureApiVersion": "2024-01-01"}


def test_a_secret_is_checked_as_what_it_holds(provider: ProviderClient) -> None:
    secret = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "value": "x" * 25}
    failures = provider.check("storage:StorageAccount", {**ACCOUNT, "accountName": secret})["failures"]
    assert failures == ["'accountName' is too long (25): at most 24 characters allowed"]


def test_the_unknown_value_is_one_of_a_kind() -> None:
    assert repr(UNKNOWN) == "UNKNOWN"
