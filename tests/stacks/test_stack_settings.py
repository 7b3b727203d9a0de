"""Settings as a whole: defaults, errors that repair, secrets."""

import json
import re
from pathlib import Path
from typing import Any

import pulumi
import pytest
import yaml
from pulumi.runtime.config import set_all_config
from pydantic.alias_generators import to_camel

from stacks.settings import Settings, SettingsError, parse_settings, read_settings
from stacks.values import AccountReference

ROOT = Path(__file__).resolve().parents[2]
GOOD = {"recipients": "sales@contoso.com"}
SMTP = {**GOOD, "mailChannel": "smtp", "smtpHost": "smtp.contoso.com", "smtpFrom": "leads@contoso.com"}


def parse(secret: tuple[str, ...] = (), base: dict[str, str] = GOOD, **changes: str) -> Settings:
    return parse_settings({**base, **changes}, set(secret), "dev")


def refusal(secret: tuple[str, ...] = (), base: dict[str, str] = GOOD, **changes: str) -> str:
    with pytest.raises(SettingsError) as refused:
        parse(secret, base, **changes)
    return str(refused.value)


def test_recipients_are_all_that_must_be_said() -> None:
    settings = parse()
    assert (settings.frequency, settings.interval, settings.subject) == ("Hour", 1, "New leads!")
    assert (settings.mail_channel, settings.lead_table) == ("office365", "MarketplaceLeads")
    assert settings.recipients == settings.alerted == ("sales@contoso.com",)


def test_alerts_may_go_to_others() -> None:
    assert parse(alertRecipients="operations@contoso.com").alerted == ("operations@contoso.com",)


def declared() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())["config"]
    return found


def test_pulumi_yaml_declares_the_same_keys_with_description_and_default() -> None:
    assert set(declared()) == {to_camel(name) for name in Settings.model_fields}
    assert all({"default", "description"} <= set(entry) for entry in declared().values())


def test_pulumi_yaml_declares_the_same_defaults() -> None:
    texts = {key: entry["default"] for key, entry in declared().items()}
    given = {key: value if isinstance(value, str) else json.dumps(value) for key, value in texts.items()}
    from_yaml = parse_settings({**given, **GOOD}, set(), "dev")
    assert from_yaml == parse()


def test_texts_are_typed_in_pulumi_yaml_and_the_engine_checks_nothing_else() -> None:
    """A type other than string would let the engine refuse a value before the program can say what is wrong with it."""
    for key, entry in declared().items():
        assert entry.get("type") == ("string" if isinstance(entry["default"], str) else None), key


WRONG = [
    ("location", "west_europe", r"short name of an Azure region, such as westeurope"),
    ("location", "Mars", r"short name of an Azure region"),
    ("storageSku", "Premium_LRS", r"one of Standard_LRS, Standard_ZRS"),
    ("leadTable", "lead-table", r"3 to 63 letters and digits"),
    ("frequency", "Hours", r"one of Second, Minute, Hour, Day, Week, Month"),
    ("interval", "0", r"\(frequency is Hour\) from 1 to 12000"),
    ("interval", "one", r"\(frequency is Hour\) from 1 to 12000"),
    ("flowState", "Off", r"one of Enabled, Disabled"),
    ("recipients", "sales", r"sales@contoso\.com"),
    ("subject", "two\nlines", r"one line of 1 to 255 characters"),
    ("mailChannel", "pigeon", r"one of office365, smtp"),
    ("smtpHost", "smtp://x", r"host name"),
    ("smtpPort", "70000", r"a port number from 1 to 65535"),
    ("smtpTls", "maybe", r"true or false"),
    ("smtpFrom", "leads", r"sales@contoso\.com"),
    ("alertRecipients", "ops", r"sales@contoso\.com"),
    ("tags", "a/b=c", r"name=value"),
    ("existingAccount", "myleads", r"resourceGroup/account or the id"),
    ("existingAccount", "group/My-Leads", r"resourceGroup/account or the id"),
    ("existingTable", "MarketplaceLeads", r"empty unless existingAccount names the account"),
    ("protected", "maybe", r"true or false"),
    ("sharedMailbox", "sales", r"sales@contoso\.com"),
    ("alertSeverity", "5", r"a severity .* from 0 to 4"),
    ("standstillAlert", "maybe", r"true or false"),
]


@pytest.mark.parametrize(("key", "value", "allowed"), WRONG, ids=[f"{key}={value!r}" for key, value, _ in WRONG])
def test_a_wrong_value_is_answered_with_key_value_what_is_allowed_and_a_command(
    key: str, value: str, allowed: str
) -> None:
    message = refusal(**{key: value})
    assert message.startswith("1 setting of stack 'dev' must be mended:")
    assert re.search(rf"\b{key}: {re.escape(repr(value))} is not allowed; it must be .*{allowed}", message)
    assert re.search(rf"pulumi config set {key} .+ --stack dev$", message)


@pytest.mark.parametrize("key", [to_camel(name) for name in Settings.model_fields if name != "smtp_password"])
def test_the_command_of_an_error_mends_it(key: str) -> None:
    """The command's value, taken as the CLI would store it, is one that is allowed."""
    example = Settings.model_fields[next(name for name in Settings.model_fields if to_camel(name) == key)].examples
    assert example, key
    parse(("smtpPassword",), {**SMTP, "smtpPassword": "hunter2"}, **{key: example[0].strip("'")})


@pytest.mark.parametrize(
    ("frequency", "highest"),
    [("Second", 9_999_999), ("Minute", 72_000), ("Hour", 12_000), ("Day", 500), ("Week", 71), ("Month", 16)],
)
def test_the_interval_has_azures_range_for_its_frequency(frequency: str, highest: int) -> None:
    assert parse(frequency=frequency, interval=str(highest)).interval == highest
    assert f"from 1 to {highest}" in refusal(frequency=frequency, interval=str(highest + 1))


def test_every_wrong_value_is_reported_at_once() -> None:
    message = refusal(frequency="Hours", leadTable="x", tags="y")
    assert message.startswith("3 settings of stack 'dev'")


def test_missing_recipients_are_asked_for() -> None:
    message = refusal(base={})
    assert "recipients: there is no value; it must be at least one e-mail address" in message
    assert "pulumi config set recipients sales@contoso.com --stack dev" in message


def test_a_key_that_does_not_exist_gets_a_suggestion_and_the_command_that_removes_it() -> None:
    message = refusal(freqency="Day")
    assert "freqency: there is no such setting; did you mean frequency?" in message
    assert "pulumi config rm freqency --stack dev" in message


def test_smtp_needs_a_server_and_a_sender() -> None:
    message = refusal(mailChannel="smtp")
    assert "smtpHost: there is no value" in message
    assert "smtpFrom: there is no value" in message
    assert parse(base=SMTP).smtp.host == "smtp.contoso.com"


def test_a_user_needs_a_password() -> None:
    message = refusal(base=SMTP, smtpUser="leads")
    assert "smtpPassword: there is no value; it must be the password of smtpUser" in message
    assert "pulumi config set --secret smtpPassword --stack dev" in message


def test_a_plain_password_is_refused_without_showing_it() -> None:
    message = refusal(base=SMTP, smtpUser="leads", smtpPassword="hunter2")
    assert "smtpPassword: the value is stored in plain text; it must be a secret" in message
    assert "pulumi config set --secret smtpPassword --stack dev" in message
    assert "hunter2" not in message


def test_a_secret_is_never_shown() -> None:
    message = refusal(("smtpHost",), SMTP, smtpHost="no host")
    assert "smtpHost: the secret value is not allowed" in message
    assert "no host" not in message


def test_what_is_deployed_in_plain_text_may_not_be_a_secret() -> None:
    message = refusal(("subject", "recipients"), subject="Confidential", recipients="Confidential")
    assert "subject: the value is a secret; it must be plain" in message
    assert "recipients: the value is a secret; it must be plain" in message
    assert "Confidential" not in message


def test_settings_do_not_print_the_password() -> None:
    settings = parse(("smtpPassword",), SMTP, smtpUser="leads", smtpPassword="hunter2")
    assert "hunter2" not in repr(settings) + str(settings) + repr(settings.smtp)


def test_the_programs_configuration_is_read() -> None:
    project = pulumi.Config().name
    set_all_config(
        {f"{project}:recipients": '["a@b.co"]', f"{project}:interval": "2", "azure-native:location": "x"},
        secret_keys=[],
    )
    settings = read_settings("dev")
    assert (settings.recipients, settings.interval) == (("a@b.co",), 2)


def test_the_programs_secrets_are_known_as_such() -> None:
    project = pulumi.Config().name
    set_all_config({f"{project}:recipients": "a@b.co", f"{project}:smtpPassword": "hunter2"}, secret_keys=[])
    with pytest.raises(SettingsError, match="smtpPassword: the value is stored in plain text"):
        read_settings("dev")
    set_all_config(
        {f"{project}:recipients": "a@b.co", f"{project}:smtpPassword": "hunter2"},
        secret_keys=[f"{project}:smtpPassword"],
    )
    assert read_settings("dev").smtp.password.get_secret_value() == "hunter2"


ACCOUNT_ID = "/subscriptions/AAAA/resourceGroups/old-group/providers/Microsoft.Storage/storageAccounts/oldleads"


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("", None),
        ("old-group/oldleads", AccountReference("old-group", "oldleads")),
        (ACCOUNT_ID, AccountReference("old-group", "oldleads", "aaaa")),
        (ACCOUNT_ID.lower(), AccountReference("old-group", "oldleads", "aaaa")),
    ],
)
def test_an_existing_account_is_named_with_its_group_or_by_its_id(given: str, found: AccountReference | None) -> None:
    assert parse(existingAccount=given).existing_account == found


@pytest.mark.parametrize("given", ["", "marketplaceleads", "Old"])
def test_an_existing_table_is_the_lead_table(given: str) -> None:
    assert parse(existingAccount="g/oldleads", existingTable=given).table == (given or "MarketplaceLeads")


def test_two_names_for_the_lead_table_are_a_contradiction_but_for_their_case() -> None:
    existing = {**GOOD, "existingAccount": "g/oldleads", "leadTable": "Leads"}
    assert parse(base=existing, existingTable="LEADS").table == "LEADS"
    message = refusal(base=existing, existingTable="Others")
    assert "existingTable: 'Others' is not allowed; it must be the same table as leadTable ('Leads')" in message
    assert "pulumi config set existingTable '' --stack dev" in message


def test_a_shared_mailbox_sends_through_office_365_only() -> None:
    assert parse(sharedMailbox="leads@contoso.com").shared_mailbox == "leads@contoso.com"
    message = refusal(base=SMTP, sharedMailbox="leads@contoso.com")
    assert (
        "sharedMailbox: 'leads@contoso.com' is not allowed; it must be empty unless mailChannel is office365" in message
    )
    assert "pulumi config set sharedMailbox '' --stack dev" in message


@pytest.mark.parametrize(
    ("frequency", "interval", "window"),
    [("Second", "1", "PT5M"), ("Minute", "15", "PT1H"), ("Hour", "1", "PT6H"), ("Hour", "11", "P1D")],
)
def test_a_standstill_is_told_when_two_runs_are_missing(frequency: str, interval: str, window: str) -> None:
    settings = {"frequency": frequency, "interval": interval}
    assert parse(**settings, standstillAlert="true").standstill_window == window
    assert parse(**settings).standstill_window is None


def test_no_standstill_alert_is_promised_for_runs_that_are_too_far_apart() -> None:
    message = refusal(frequency="Day", standstillAlert="true")
    assert "standstillAlert: 'true' is not allowed; it must be false where runs are 12 hours or more apart" in message
    assert "pulumi config set standstillAlert false --stack dev" in message
