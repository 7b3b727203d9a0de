"""The settings of a stack: the only place that reads `pulumi.Config`.

`read_settings` returns a frozen `Settings` or raises `SettingsError`, which lists every wrong value with its key, what
is allowed and the command that mends it. `Pulumi.yaml` declares the same keys with default and description.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import Annotated, Any, cast

import pulumi
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError, ValidationInfo
from pydantic import field_validator as check
from pydantic.alias_generators import to_camel
from pydantic_core import ErrorDetails

from stacks import values
from stacks.values import DEFAULT_TABLE, AccountReference

# What may be given with --secret: it reaches nothing but the connection's properties, which are secret as a whole.
MAY_BE_SECRET = frozenset({"smtpHost", "smtpUser", "smtpPassword"})
MUST_BE_SECRET = frozenset({"smtpPassword"})


class SettingsError(pulumi.RunError):
    """The stack's configuration is wrong; the message lists each key with the command that mends it."""


@dataclass(frozen=True)
class SmtpServer:
    """Where mails go out on channel smtp."""

    host: str
    port: int
    tls: bool
    user: str
    password: SecretStr


class Settings(BaseModel):
    """Everything a stack can be told, validated. A field's `examples[0]` is the value of the command in its error."""

    model_config = ConfigDict(alias_generator=to_camel, frozen=True, extra="forbid", validate_default=True)

    location: Annotated[str, BeforeValidator(values.region)] = Field("westeurope", examples=["westeurope"])
    storage_sku: str = Field("Standard_LRS", examples=["Standard_LRS"])
    lead_table: Annotated[str, BeforeValidator(values.table_name)] = Field(DEFAULT_TABLE, examples=["MarketplaceLeads"])
    existing_account: Annotated[AccountReference | None, BeforeValidator(values.account_reference)] = Field(
        None, examples=["my-group/myleads"]
    )
    existing_table: str = Field("", examples=["''"])
    protected: Annotated[bool, BeforeValidator(values.switch)] = Field(False, examples=["true"])
    frequency: str = Field("Hour", examples=["Hour"])
    interval: int = Field(1, examples=["1"])
    flow_state: str = Field("Enabled", examples=["Enabled"])
    recipients: tuple[str, ...] = Field((), examples=["sales@contoso.com"])
    subject: Annotated[str, BeforeValidator(values.subject_line)] = Field("New leads!", examples=["'New leads!'"])
    mail_channel: str = Field("office365", examples=["office365"])
    shared_mailbox: str = Field("", examples=["''"])
    smtp_host: str = Field("", examples=["smtp.contoso.com"])
    smtp_port: int = Field(587, examples=["587"])
    smtp_tls: Annotated[bool, BeforeValidator(values.switch)] = Field(True, examples=["true"])
    smtp_user: str = Field("", examples=["leads@contoso.com"])
    smtp_password: SecretStr = SecretStr("")
    smtp_from: str = Field("", examples=["leads@contoso.com"])
    alert_recipients: Annotated[tuple[str, ...], BeforeValidator(values.addresses)] = Field(
        (), examples=["operations@contoso.com"]
    )
    alert_severity: int = Field(1, examples=["1"])
    standstill_alert: Annotated[bool, BeforeValidator(values.switch)] = Field(False, examples=["false"])
    tags: Annotated[dict[str, str], BeforeValidator(values.tags)] = Field({}, examples=["costCenter=42"])

    @check("storage_sku", mode="before")
    @classmethod
    def _known_sku(cls, value: str) -> str:
        return values.one_of(value, values.STORAGE_SKUS)

    @check("existing_table", mode="before")
    @classmethod
    def _table_of_existing_account(cls, value: str, info: ValidationInfo) -> str:
        """The account's validator may have failed: then nothing is said of the table."""
        if not value:
            return value
        if info.data.get("existing_account", True) is None:
            raise ValueError("empty unless existingAccount names the account that has the table")
        return values.same_table(values.table_name(value), info.data.get("lead_table", DEFAULT_TABLE))

    @check("frequency", mode="before")
    @classmethod
    def _known_frequency(cls, value: str) -> str:
        return values.one_of(value, values.INTERVAL_RANGES)

    @check("flow_state", mode="before")
    @classmethod
    def _known_state(cls, value: str) -> str:
        return values.one_of(value, ("Enabled", "Disabled"))

    @check("mail_channel", mode="before")
    @classmethod
    def _known_channel(cls, value: str) -> str:
        return values.one_of(value, ("office365", "smtp"))

    @check("interval", mode="before")
    @classmethod
    def _interval_of_frequency(cls, value: Any, info: ValidationInfo) -> int:
        frequency = info.data.get("frequency", "Second")  # a wrong one has its own error: the widest range will do here
        what = f"a whole number (frequency is {frequency})" if "frequency" in info.data else "a whole number"
        return values.whole_number(value, *values.INTERVAL_RANGES[frequency], what)

    @check("smtp_port", mode="before")
    @classmethod
    def _port(cls, value: Any) -> int:
        return values.whole_number(value, 1, 65535, "a port number")

    @check("recipients", mode="before")
    @classmethod
    def _some_recipient(cls, value: Any) -> tuple[str, ...]:
        found = values.addresses(value)
        if not found:
            raise ValueError("at least one e-mail address; several are separated by ';'")
        return found

    @check("shared_mailbox", mode="before")
    @classmethod
    def _mailbox(cls, value: str, info: ValidationInfo) -> str:
        if value and info.data.get("mail_channel", "office365") != "office365":
            raise ValueError("empty unless mailChannel is office365")
        return values.address(value) if value else value

    @check("smtp_host", mode="before")
    @classmethod
    def _server(cls, value: str, info: ValidationInfo) -> str:
        if not value and info.data.get("mail_channel") != "smtp":
            return value
        return values.host_name(value)

    @check("smtp_from", mode="before")
    @classmethod
    def _sender(cls, value: str, info: ValidationInfo) -> str:
        if not value and info.data.get("mail_channel") != "smtp":
            return value
        return values.address(value)

    @check("smtp_password")
    @classmethod
    def _password_of_user(cls, value: SecretStr, info: ValidationInfo) -> SecretStr:
        given = bool(value.get_secret_value())
        if info.data.get("mail_channel") == "smtp" and info.data.get("smtp_user") and not given:
            raise ValueError("the password of smtpUser")
        return value

    @check("alert_severity", mode="before")
    @classmethod
    def _severity(cls, value: Any) -> int:
        return values.whole_number(value, 0, 4, "a severity (0 critical, 1 error, 2 warning, 3 and 4 informational)")

    @check("standstill_alert")
    @classmethod
    def _window_for_standstill(cls, value: bool, info: ValidationInfo) -> bool:
        known = {"frequency", "interval"} <= set(info.data)
        if value and known and values.alert_window(info.data["frequency"], info.data["interval"]) is None:
            raise ValueError(
                "false where runs are 12 hours or more apart: the longest window of a metric alert is a day"
            )
        return value

    @property
    def table(self) -> str:
        """The lead table, whether it is there already or made."""
        return self.existing_table or self.lead_table

    @property
    def standstill_window(self) -> str | None:
        """How long no run may start before the alert says so; None without that alert."""
        return values.alert_window(self.frequency, self.interval) if self.standstill_alert else None

    @property
    def smtp(self) -> SmtpServer:
        """The mail server of channel smtp."""
        return SmtpServer(self.smtp_host, self.smtp_port, self.smtp_tls, self.smtp_user, self.smtp_password)

    @property
    def alerted(self) -> tuple[str, ...]:
        """Who is told that the flow failed: the alert recipients, or those of the leads."""
        return self.alert_recipients or self.recipients


def read_settings(stack: str) -> Settings:
    """The settings of the running program's stack, or `SettingsError`."""
    config = pulumi.Config()
    prefix = f"{config.name}:"
    keys = [key for key in pulumi.runtime.config.CONFIG.get() if key.startswith(prefix)]
    secret = {key.removeprefix(prefix) for key in keys if pulumi.runtime.is_config_secret(key)}
    given = {name: cast(str, config.get(name)) for name in (key.removeprefix(prefix) for key in keys)}
    return parse_settings(given, secret, stack)


def parse_settings(given: Mapping[str, str], secret: Set[str], stack: str) -> Settings:
    """Validate raw configuration: `given` maps keys to their texts, `secret` are the keys set with `--secret`."""
    problems = [*_unknown_keys(given, stack), *_misplaced_secrets(given, secret, stack)]
    known = {key: value for key, value in given.items() if key in _FIELDS}
    try:
        settings = Settings.model_validate(known)
    except ValidationError as error:
        # What must not be a secret is reported above already; its error here might quote it.
        details = [found for found in error.errors(include_url=False) if _key(found) not in secret - MAY_BE_SECRET]
        problems += [_problem(detail, given, secret, stack) for detail in details]
        raise SettingsError(_report(problems, stack)) from None
    if problems:
        raise SettingsError(_report(problems, stack))
    return settings


_FIELDS = {to_camel(name): field for name, field in Settings.model_fields.items()}


def _unknown_keys(given: Mapping[str, str], stack: str) -> list[str]:
    unknown = sorted(set(given) - set(_FIELDS))
    remove = "pulumi config rm"
    return [
        f"{key}: there is no such setting; {_suggestion(key)}\n    {remove} {key} --stack {stack}" for key in unknown
    ]


def _suggestion(key: str) -> str:
    near = difflib.get_close_matches(key, _FIELDS, n=1)
    return f"did you mean {near[0]}?" if near else f"there are {', '.join(_FIELDS)}."


def _misplaced_secrets(given: Mapping[str, str], secret: Set[str], stack: str) -> list[str]:
    plain = sorted(key for key in MUST_BE_SECRET & set(given) if given[key] and key not in secret)
    hidden = sorted((secret & set(_FIELDS)) - MAY_BE_SECRET)
    wrong = {
        **dict.fromkeys(plain, "the value is stored in plain text; it must be a secret"),
        **dict.fromkeys(hidden, "the value is a secret; it must be plain, as it is deployed in plain text"),
    }
    return [f"{key}: {problem}.\n{_command(key, stack)}" for key, problem in wrong.items()]


def _problem(detail: ErrorDetails, given: Mapping[str, str], secret: Set[str], stack: str) -> str:
    key = _key(detail)
    allowed = detail["msg"].removeprefix("Value error, ")
    shown = _shown(given.get(key), key in secret | MUST_BE_SECRET)
    return f"{key}: {shown}; it must be {allowed}.\n{_command(key, stack)}"


def _shown(value: str | None, is_secret: bool) -> str:
    if not value:
        return "there is no value"
    return "the secret value is not allowed" if is_secret else f"{value!r} is not allowed"


def _key(detail: ErrorDetails) -> str:
    name = str(detail["loc"][0])
    return name if name in _FIELDS else to_camel(name)


def _command(key: str, stack: str) -> str:
    if key in MUST_BE_SECRET:
        return (
            f"    pulumi config set --secret {key} --stack {stack}"  # asks for the value: none in the shell's history
        )
    example = (_FIELDS[key].examples or [""])[0]
    return f"    pulumi config set {key} {example} --stack {stack}"


def _report(problems: list[str], stack: str) -> str:
    count = "1 setting" if len(problems) == 1 else f"{len(problems)} settings"
    return "\n  ".join([f"{count} of stack '{stack}' must be mended:", *problems])
