"""What one configuration value may be: pure parsers that return it clean or raise `ValueError` with what is allowed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from difflib import get_close_matches
from typing import Any

from stacks.regions import REGIONS

# Azure's ranges of a recurrence's interval (docs: logic-apps-workflow-actions-triggers, recurrence trigger).
INTERVAL_RANGES: Mapping[str, tuple[int, int]] = {
    "Second": (1, 9_999_999),
    "Minute": (1, 72_000),
    "Hour": (1, 12_000),
    "Day": (1, 500),
    "Week": (1, 71),
    "Month": (1, 16),
}
# The redundancies of a StorageV2 account that has tables: Premium accounts have none.
STORAGE_SKUS = ("Standard_LRS", "Standard_ZRS", "Standard_GRS", "Standard_RAGRS", "Standard_GZRS", "Standard_RAGZRS")

DEFAULT_TABLE = "MarketplaceLeads"
# The windows of a metric alert (docs: "Create a metric alert rule", check every and lookback period).
ALERT_WINDOWS: Mapping[str, timedelta] = {
    "PT5M": timedelta(minutes=5),
    "PT15M": timedelta(minutes=15),
    "PT30M": timedelta(minutes=30),
    "PT1H": timedelta(hours=1),
    "PT6H": timedelta(hours=6),
    "PT12H": timedelta(hours=12),
    "P1D": timedelta(days=1),
}
_UNITS: Mapping[str, timedelta] = {
    "Second": timedelta(seconds=1),
    "Minute": timedelta(minutes=1),
    "Hour": timedelta(hours=1),
    "Day": timedelta(days=1),
    "Week": timedelta(weeks=1),
    "Month": timedelta(days=31),
}

_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"[^\s@;,<>\"'()\[\]\\]+@(?:{_LABEL}\.)+{_LABEL}")
_TABLE = re.compile(r"[A-Za-z][A-Za-z0-9]{2,62}")
_HOST = re.compile(rf"(?:{_LABEL}\.)*{_LABEL}")
_ACCOUNT_ID = re.compile(
    r"/subscriptions/(?P<subscription>[^/]+)/resourceGroups/(?P<group>[^/]+)/providers/Microsoft\.Storage"
    r"/storageAccounts/(?P<name>[^/]+)",
    re.IGNORECASE,
)
_ACCOUNT_NAME = re.compile(r"[a-z0-9]{3,24}")
_GROUP_NAME = re.compile(r"[-\w.()]{0,89}[-\w()]")
_FORBIDDEN_IN_TAG_NAMES = set("<>%&\\?/")
_RESERVED_TAG_PREFIXES = ("microsoft", "azure", "windows")


@dataclass(frozen=True)
class AccountReference:
    """A storage account that is there already; `subscription` is empty where the stack's own is meant."""

    group: str
    name: str
    subscription: str = ""


def one_of(value: str, allowed: Iterable[str]) -> str:
    """The allowed spelling of `value`, compared without case: `one_of("hour", ["Hour"])` is `"Hour"`."""
    choices = {choice.lower(): choice for choice in allowed}
    found = choices.get(value.strip().lower())
    if found is None:
        raise ValueError(f"one of {', '.join(choices.values())}")
    return found


def whole_number(value: Any, lowest: int, highest: int, what: str = "a whole number") -> int:
    """`value` (a number or its text) as an integer from `lowest` to `highest`."""
    text = str(value).strip()
    number = int(text) if re.fullmatch(r"-?\d{1,12}", text) and text.isascii() else None
    if number is None or not lowest <= number <= highest:
        raise ValueError(f"{what} from {lowest} to {highest}")
    return number


def switch(value: Any) -> bool:
    """`true` or `false`, as text or as a boolean."""
    text = str(value).strip().lower()
    if text not in ("true", "false"):
        raise ValueError("true or false")
    return text == "true"


def region(value: str) -> str:
    """The short name of a region: `"West Europe"` is `"westeurope"`."""
    name = value.replace(" ", "").lower()
    if name not in REGIONS:
        near = get_close_matches(name, REGIONS, n=3, cutoff=0.5) or ["westeurope", "eastus2"]
        listed = "`az account list-locations -o table` lists them; a newer one is added to stacks/regions.py"
        raise ValueError(f"the short name of an Azure region, such as {', '.join(near)} ({listed})")
    return name


def table_name(value: str) -> str:
    """A table name by the rules of Table storage (REST reference, "Understanding the Table service data model")."""
    name = value.strip()
    if not _TABLE.fullmatch(name) or name.lower() == "tables":
        raise ValueError("3 to 63 letters and digits, the first a letter, and not 'tables'")
    return name


def same_table(existing: str, wanted: str) -> str:
    """`existing`, unless `wanted` was set to another table: names compare without case, as in Table storage."""
    if wanted.lower() not in (existing.lower(), DEFAULT_TABLE.lower()):
        raise ValueError(f"the same table as leadTable ({wanted!r}), in any case")
    return existing


def account_reference(value: str | None) -> AccountReference | None:
    """A storage account given as `group/account` or by its id; None where none is given."""
    text = (value or "").strip()
    if not text:
        return None
    found = _ACCOUNT_ID.fullmatch(text)
    subscription, group, name = found.groups() if found else ("", *_pair(text))
    if not _ACCOUNT_NAME.fullmatch(name) or not _GROUP_NAME.fullmatch(group):
        raise ValueError(
            "resourceGroup/account or the id of a storage account (`az storage account list --query [].id -o tsv`)"
        )
    return AccountReference(group, name, subscription.lower())


def _pair(text: str) -> tuple[str, str]:
    group, _, name = text.partition("/")
    return group, name


def alert_window(frequency: str, interval: int) -> str | None:
    """The shortest alert window with room for two runs of a recurrence; None if no window of Azure's is so long."""
    apart = _UNITS[frequency] * interval
    return next((name for name, length in ALERT_WINDOWS.items() if length > 2 * apart), None)


def host_name(value: str) -> str:
    """A server's host name or IPv4 address, without scheme, port or path."""
    host = value.strip()
    if not _HOST.fullmatch(host):
        raise ValueError("the host name of an SMTP server, without scheme and port")
    return host


def subject_line(value: str) -> str:
    """A mail subject: one line of 1 to 255 characters."""
    if not value.strip() or len(value) > 255 or any(ord(character) < 32 for character in value):
        raise ValueError("one line of 1 to 255 characters")
    return value


def address(value: str) -> str:
    """One e-mail address, bare."""
    text = value.strip()
    if len(text) > 254 or not _ADDRESS.fullmatch(text):
        raise ValueError("an e-mail address such as sales@contoso.com")
    return text


def addresses(value: Any) -> tuple[str, ...]:
    """E-mail addresses from a list or from one text separated by `;` or `,`; repeated ones are kept once."""
    unique: dict[str, str] = {}
    for item in _items(value, separators=";,"):
        try:
            unique.setdefault(item.lower(), address(item))
        except ValueError as error:
            raise ValueError(
                f"e-mail addresses such as sales@contoso.com, separated by ';' ({item!r} is none)"
            ) from error
    return tuple(unique.values())


def tags(value: Any) -> dict[str, str]:
    """Tags from a list of `name=value`, from one such text separated by `;`, or from a map of names to values.

    The limits are those of storage accounts, the narrowest in the stack.
    """
    found: dict[str, str] = {}
    value = _parsed(value)
    if isinstance(value, Mapping):
        value = [f"{name}={text}" for name, text in value.items()]
    for item in _items(value, separators=";"):
        name, equals, text = (part.strip() for part in item.partition("="))
        problem = _tag_problem(name, equals, text, found)
        if problem:
            raise ValueError(f"tags written name=value ({item!r}: {problem})")
        found[name] = text
    return found


def _tag_problem(name: str, equals: str, text: str, earlier: Iterable[str]) -> str:
    if not name or not equals:
        return "name or '=' is missing"
    if len(name) > 128 or len(text) > 256:
        return "a name has at most 128 characters, a value 256"
    if _FORBIDDEN_IN_TAG_NAMES & set(name) or name.lower().startswith(_RESERVED_TAG_PREFIXES):
        return r"a name has none of < > % & \ ? / and does not begin with microsoft, azure or windows"
    if name.lower() in (known.lower() for known in earlier):
        return "the name is there twice; Azure compares without case"
    return ""


def _items(value: Any, separators: str) -> list[str]:
    value = _parsed(value)
    if isinstance(value, str):
        value = re.split(f"[{separators}]", value)
    if not isinstance(value, list | tuple) or not all(isinstance(item, str | int | float) for item in value):
        raise ValueError("a list of texts, or one text separated by ';'")
    return [text for item in value if (text := str(item).strip())]


def _parsed(value: Any) -> Any:
    """A list or map out of its JSON text, as Pulumi hands over structured configuration; anything else as it is."""
    if not isinstance(value, str) or not value.lstrip().startswith(("[", "{")):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value
