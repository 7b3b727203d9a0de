"""Whole definitions: accepted and refused as Microsoft's engine accepts and refuses them, with its message."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from wdl.checker import check
from wdl.definition import DefinitionError, parse_definition
from wdl.definition.vocabulary import NEWER_KINDS, NEWER_TYPES

ROOT = Path(__file__).parents[2]
OURS = ROOT / "tests" / "definitions"
# Fifty public definitions with the verdict of Microsoft's engine; not part of the project, tested where they are there.
SHARED = ROOT.parent / "shared" / "definitions"

NEWER = {f"Requested value '{name}' was not found." for name in (*NEWER_TYPES, *NEWER_KINDS)}


def _cases() -> list[Any]:
    cases = []
    for folder in (OURS, SHARED):
        index = folder / "index.json"
        entries = json.loads(index.read_text(encoding="utf-8")) if index.is_file() else []
        cases += [
            pytest.param(folder / entry["file"], _message(entry["verdict"]), id=entry["file"]) for entry in entries
        ]
    return cases


def _message(verdict: str) -> str | None:
    """The engine's message, None for a definition it accepts.

    The engine is of 2022. Where it refuses a definition only because a type or kind is newer than it, Logic Apps
    accepts it by now, and so do we.
    """
    message = verdict.split("Exception: ")[-1]
    return None if message == "OK" or message in NEWER else message


def _verdict(definition: Any) -> str | None:
    try:
        parse_definition(definition)
    except DefinitionError as error:
        return error.message
    return None


@pytest.mark.parametrize(("file", "message"), _cases())
def test_a_definition_is_accepted_or_refused_as_by_the_engine(file: Path, message: str | None) -> None:
    assert _verdict(json.loads(file.read_text(encoding="utf-8"))) == message


@pytest.mark.parametrize(("file", "message"), _cases())
def test_the_checker_gives_the_same_verdict(file: Path, message: str | None) -> None:
    text = file.read_text(encoding="utf-8")
    errors = [finding for finding in check(json.loads(text), source_text=text) if finding.severity == "error"]
    assert (errors[0].what if errors else None) == message or message in {error.what for error in errors}
    assert bool(errors) == (message is not None)


def test_definitions_with_newer_types_are_among_the_cases() -> None:
    entries = json.loads((OURS / "index.json").read_text(encoding="utf-8"))
    assert any(entry["verdict"] in NEWER for entry in entries)
