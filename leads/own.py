"""Leads out of a JSON file of the user: one object or a list of them, columns as in the lead table."""

from __future__ import annotations

import json
import random
import re
import uuid
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from leads.samples import partition_key

Row = dict[str, str | int | float | bool]

_COLUMN = re.compile(r"[^\W\d]\w{0,254}")
_KEY = re.compile(r"[^/\\#?\x00-\x1f\x7f-\x9f]{1,512}")
_CONTACT_COLUMNS = ("customerinfo", "userdetails")
_KEYS = ("PartitionKey", "RowKey")
_MAX_CHARACTERS = 32 * 1024  # a string property holds 64 KiB of UTF-16


class LeadFileError(Exception):
    """The file holds no leads that a table takes; the message names file, lead and column."""


def read_rows(path: Path, now: datetime, rng: random.Random) -> list[Row]:
    """The leads of a file as table rows.

    Keys that are left out are made up as for samples; `CustomerInfo` may be an object. Raises `LeadFileError`.
    """
    found = _load(path)
    items = found if isinstance(found, list) else [found]
    if not items:
        raise LeadFileError(f"{path}: the list is empty; write at least one lead")
    rows = [_row(item, f"{path}: lead {number}", now, rng) for number, item in enumerate(items, start=1)]
    _refuse_repeated_keys(rows, path)
    return rows


def _load(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except json.JSONDecodeError as error:
        raise LeadFileError(f"{path}: not JSON: {error.msg} in line {error.lineno}, column {error.colno}") from None
    except RecursionError:
        raise LeadFileError(f"{path}: nested too deeply") from None
    except UnicodeDecodeError:
        raise LeadFileError(f"{path}: not a text in UTF-8") from None
    except OSError as error:
        raise LeadFileError(f"{path}: cannot be read: {error.strerror}") from None


def _row(item: Any, where: str, now: datetime, rng: random.Random) -> Row:
    if not isinstance(item, dict) or not item:
        raise LeadFileError(f'{where}: not an object such as {{"CustomerInfo": {{"Email": "ann@example.com"}}}}')
    row: Row = {"PartitionKey": partition_key(now), "RowKey": str(uuid.UUID(int=rng.getrandbits(128), version=4))}
    for name, value in item.items():
        _check_name(name, where)
        if value is not None:  # the table knows no null: a column without value is not there
            row[name] = _value(name, value, f"{where}, column {name}")
    return row


def _check_name(name: str, where: str) -> None:
    if name.lower() == "timestamp":
        raise LeadFileError(f"{where}: column {name} is set by the table service; leave it out")
    wrong_case = [key for key in _KEYS if name.lower() == key.lower() and name != key]
    if wrong_case:
        raise LeadFileError(f"{where}: write {wrong_case[0]} for {name}")
    if not _COLUMN.fullmatch(name):
        raise LeadFileError(f"{where}: {name!r} is no column name (letters, digits and _, at most 255)")


def _value(name: str, value: Any, where: str) -> str | int | float | bool:
    if name.lower() in _CONTACT_COLUMNS and isinstance(value, Mapping):
        value = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if not isinstance(value, str | int | float):
        raise LeadFileError(f"{where}: a table holds texts, numbers and true or false, no lists or objects")
    if name in _KEYS and not (isinstance(value, str) and _KEY.fullmatch(value)):
        raise LeadFileError(f"{where}: a key is a text of 1 to 512 characters without / \\ # ? and control characters")
    if isinstance(value, str):
        _check_text(value, where)
    if isinstance(value, int) and not isinstance(value, bool) and not -(2**63) <= value < 2**63:
        raise LeadFileError(f"{where}: a whole number has at most 64 bits")
    return value


def _check_text(value: str, where: str) -> None:
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise LeadFileError(f"{where}: the text holds half a character (\\ud800 to \\udfff)")
    if len(value.encode("utf-16-le")) > 2 * _MAX_CHARACTERS:
        raise LeadFileError(f"{where}: a text has at most {_MAX_CHARACTERS} characters")


def _refuse_repeated_keys(rows: list[Row], path: Path) -> None:
    seen: dict[tuple[Any, Any], int] = {}
    for number, row in enumerate(rows, start=1):
        first = seen.setdefault((row["PartitionKey"], row["RowKey"]), number)
        if first != number:
            raise LeadFileError(f"{path}: lead {number} has the keys of lead {first}; give it another RowKey")
