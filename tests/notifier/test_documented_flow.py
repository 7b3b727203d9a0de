"""The flow of Microsoft's guide, to the letter, and what Logic Apps makes of it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier import flow
from notifier.acknowledged import ACKNOWLEDGED, reason
from notifier.channels import CHANNELS
from notifier.documented import documented_flow
from notifier.literals import literal
from notifier.settings import FlowSettings
from wdl.checker.finding import Finding
from wdl.context import Context
from wdl.template import compile_template

SETTINGS = FlowSettings(
    frequency="Hour", interval=1, lead_table="MarketplaceLeads", recipients=["sales@contoso.com", "b@contoso.com"]
)

# As the designer of the portal exports the guide's flow; the one addition is Get_entities' pagination.
EXPORTED: dict[str, Any] = {
    "$schema": "https://schema.management.azure.com/providers/Microsoft.Logic/schemas/2016-06-01/workflowdefinition.json#",
    "contentVersion": "1.0.0.0",
    "parameters": {"$connections": {"defaultValue": {}, "type": "Object"}},
    "triggers": {"Recurrence": {"type": "Recurrence", "recurrence": {"frequency": "Hour", "interval": 1}}},
    "actions": {
        "Get_past_time": {
            "type": "Expression",
            "kind": "GetPastTime",
            "inputs": {"interval": 1, "timeUnit": "Hour"},
            "runAfter": {},
        },
        "Get_entities": {
            "type": "ApiConnection",
            "inputs": {
                "host": {"connection": {"name": "@parameters('$connections')['azuretables']['connectionId']"}},
                "method": "get",
                "path": "/v2/storageAccounts/@{encodeURIComponent(encodeURIComponent('AccountNameFromSettings'))}"
                "/tables/@{encodeURIComponent('MarketplaceLeads')}/entities",
                "queries": {"$filter": "Timestamp gt datetime'@{body('Get_past_time')}'"},
            },
            "runAfter": {"Get_past_time": ["Succeeded"]},
            "runtimeConfiguration": {"paginationPolicy": {"minimumItemCount": 100000}},
        },
        "Condition": {
            "type": "If",
            "expression": {"and": [{"greater": ["@length(body('Get_entities')?['value'])", 0]}]},
            "actions": {
                "Send_an_email": {
                    "type": "ApiConnection",
                    "inputs": {
                        "host": {"connection": {"name": "@parameters('$connections')['office365']['connectionId']"}},
                        "method": "post",
                        "path": "/v2/Mail",
                        "body": {
                            "To": "sales@contoso.com;b@contoso.com",
                            "Subject": "New leads!",
                            "Body": "<p>@{body('Get_entities')?['value']}</p>",
                            "Importance": "Normal",
                        },
                    },
                    "runAfter": {},
                }
            },
            "else": {"actions": {}},
            "runAfter": {"Get_entities": ["Succeeded"]},
        },
    },
    "outputs": {},
}


def test_the_flow_is_the_documented_one() -> None:
    assert documented_flow(SETTINGS) == EXPORTED


def test_it_is_plain_data() -> None:
    assert json.loads(json.dumps(documented_flow(SETTINGS))) == documented_flow(SETTINGS)


@given(interval=st.integers(1, 12_000), frequency=st.sampled_from(["Second", "Minute", "Hour", "Day", "Week", "Month"]))
def test_the_flow_looks_back_exactly_as_long_as_it_waits(interval: int, frequency: str) -> None:
    definition = documented_flow(FlowSettings(frequency, interval, "Leads", ["a@b.co"]))
    recurrence = definition["triggers"]["Recurrence"]["recurrence"]
    looked_back = definition["actions"]["Get_past_time"]["inputs"]
    assert (recurrence["interval"], recurrence["frequency"]) == (looked_back["interval"], looked_back["timeUnit"])


def test_smtp_sends_the_same_mail_by_its_own_operation() -> None:
    settings = FlowSettings("Hour", 1, "Leads", ["a@b.co"], channel="smtp", sender="leads@contoso.com")
    mail = documented_flow(settings)["actions"]["Condition"]["actions"]["Send_an_email"]["inputs"]
    assert mail == {
        "host": {"connection": {"name": "@parameters('$connections')['smtp']['connectionId']"}},
        "method": "post",
        "path": "/SendEmailV3",
        "body": {
            "From": "leads@contoso.com",
            "To": "a@b.co",
            "Subject": "New leads!",
            "Body": "<p>@{body('Get_entities')?['value']}</p>",
        },
    }


def test_a_shared_mailbox_sends_by_the_operation_for_it() -> None:
    settings = FlowSettings("Hour", 1, "Leads", ["a@b.co"], shared_mailbox="leads@contoso.com")
    definition = documented_flow(settings)
    mail = definition["actions"]["Condition"]["actions"]["Send_an_email"]["inputs"]
    assert mail["path"] == "/v2/SharedMailbox/Mail"
    assert mail["body"] == {
        "MailboxAddress": "leads@contoso.com",
        "To": "a@b.co",
        "Subject": "New leads!",
        "Body": "<p>@{body('Get_entities')?['value']}</p>",
        "Importance": "Normal",
    }
    assert [found for found in flow.check(definition, "office365") if reason(found) is None] == []


@pytest.mark.parametrize("channel", CHANNELS)
def test_logic_apps_would_take_it(channel: str) -> None:
    settings = FlowSettings("Hour", 1, "Leads", ["a@b.co"], channel=channel, sender="leads@contoso.com")
    findings = flow.check(flow.build(settings), channel)
    assert [finding for finding in findings if finding.severity == "error"] == []


def test_what_the_checker_finds_in_the_guides_flow_is_acknowledged_and_nothing_else_is() -> None:
    """It keeps no state: a missed recurrence loses leads."""
    found = flow.check(flow.build(SETTINGS), "office365")
    assert {(one.rule, one.json_path) for one in found} == {(one.rule, one.json_path) for one in ACKNOWLEDGED}
    assert all(reason(one) for one in found)


def test_the_same_finding_elsewhere_is_not_acknowledged() -> None:
    definition = flow.build(SETTINGS)
    definition["actions"]["Get_others"] = definition["actions"]["Get_entities"]
    found = flow.check(definition, "office365")
    assert [one.json_path for one in found if reason(one) is None] == ["$.actions.Get_others.inputs.queries.$filter"]


def test_an_error_is_never_acknowledged() -> None:
    known = ACKNOWLEDGED[0]
    assert reason(Finding(known.rule, "error", known.json_path, None, "It is wrong.", "It fails.", "Mend it.")) is None


def test_the_checker_sees_a_broken_flow() -> None:
    """The guide's own filter of 2019."""
    definition = flow.build(SETTINGS)
    definition["actions"]["Get_entities"]["inputs"]["queries"]["$filter"] = (
        "CreatedTime Timestamp gt datetime'@{body('Get_past_time')}'"
    )
    assert any("$filter" in finding.json_path for finding in flow.check(definition, "office365"))


def test_the_checker_misses_a_connection_that_is_not_deployed() -> None:
    findings = flow.check(flow.build(SETTINGS), "smtp")
    assert any("office365" in finding.what for finding in findings)


@given(st.text(alphabet=st.sampled_from("@{}()'a :"), max_size=12) | st.text(max_size=20))
def test_any_text_survives_as_a_literal(text: str) -> None:
    assert compile_template(literal(text)).evaluate(Context()) == text


@pytest.mark.parametrize("text", ["@", "@@", "@{", "@@{", "@{x}", "a@{x}", "@{@{", "@@{x}", "@concat('a')"])
def test_what_looks_like_an_expression_stays_text(text: str) -> None:
    assert compile_template(literal(text)).evaluate(Context()) == text
