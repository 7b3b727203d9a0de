"""What Pulumi would change, out of its JSON (`preview --json`, `refresh --preview-only --json`), for people."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from leads.errors import LeadsError

# A comment on GitHub holds 65,536 characters, and several previews share one.
COMMENT_CHARACTERS = 18_000
_QUIET = ("same", "read", "refresh", "read-discard")
_WORDS = {"create-replacement": "replace", "delete-replaced": "replace", "replace": "replace"}
_LONG = 60


class ChangesError(LeadsError):
    """Pulumi did not get as far as to tell the changes; the message is what it said."""


@dataclass(frozen=True)
class Change:
    """One resource that would change: what with it (`create`, `update`, `replace`, `delete`), its type and name, and
    which properties (`path: old → new`, the values only where they are short texts, numbers or switches).

    `ignored`: the program leaves all of these properties to others (`ignore_changes`), so that none is put back.
    """

    what: str
    kind: str
    name: str
    properties: tuple[str, ...] = ()
    ignored: bool = False

    def __str__(self) -> str:
        told = f" ({', '.join(self.properties)})" if self.properties else ""
        return f"{self.what} {self.kind} {self.name}{told}"


def read_changes(said: str, errors: str = "") -> list[Change]:
    """The changes that the engine's JSON tells, each resource once; raises `ChangesError` if it tells an error.

    Values are those that the engine shows: secrets come masked.
    """
    try:
        answer = json.loads(said)
    except ValueError:
        raise ChangesError(_words(errors) or "pulumi gave no answer") from None
    if problems := [_words(one.get("message", "")) for one in _errors(answer)]:
        raise ChangesError("\n".join(problems))
    found = [_change(step) for step in answer.get("steps") or [] if step.get("op") not in _QUIET]
    return list(dict.fromkeys(found))


def as_markdown(title: str, changes: Iterable[Change], nothing: str) -> str:
    """A section of a comment: a table of the changes, cut where GitHub would refuse it."""
    rows = [_row(change) for change in changes]
    if not rows:
        return f"### {title}\n\n{nothing}\n"
    text = f"### {title}\n\n| | resource | properties |\n|---|---|---|\n"
    for number, row in enumerate(rows):
        if len(text) + len(row) > COMMENT_CHARACTERS:
            return f"{text}\n… and {len(rows) - number} more: see the log of the job.\n"
        text += row
    return text


def failure_as_markdown(title: str, problem: str) -> str:
    """The same for a preview that failed."""
    return f"### {title}\n\nThe preview failed:\n\n```\n{problem[:COMMENT_CHARACTERS].replace('```', '` ` `')}\n```\n"


def _row(change: Change) -> str:
    properties = "<br>".join(map(_code, change.properties))
    return f"| {change.what} | {_code(change.kind)} {_code(change.name)} | {properties} |\n"


def _code(text: str) -> str:
    """A text as code in a cell of a table: no pipe, no line break, no end of the code before its end."""
    return "`" + " ".join(text.replace("`", "'").replace("|", "\\|").split()) + "`"


def _errors(answer: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [one for one in answer.get("diagnostics") or [] if one.get("severity") == "error"]


def _words(message: str) -> str:
    return message.removeprefix("error: ").strip()


def _change(step: Mapping[str, Any]) -> Change:
    _, _, kind, name = str(step["urn"]).rsplit("::", 3) if step["urn"].count("::") >= 3 else ("", "", "", step["urn"])
    what = str(step["op"])
    paths = sorted(map(str, step.get("detailedDiff") or step.get("diffReasons") or ()))
    ignored = what == "update" and bool(paths) and all(_is_ignored(path, step) for path in paths)
    return Change(_WORDS.get(what, what), kind.rpartition("$")[2], name, _properties(paths, step), ignored)


def _is_ignored(path: str, step: Mapping[str, Any]) -> bool:
    left = (step.get("newState") or {}).get("ignoreChanges") or []
    return any(path == one or path.startswith((f"{one}.", f"{one}[")) for one in left)


def _properties(paths: Iterable[str], step: Mapping[str, Any]) -> tuple[str, ...]:
    old, new = step.get("oldState") or {}, step.get("newState") or {}
    return tuple(_property(path, _value(old, path), _value(new, path)) for path in paths)


def _property(path: str, old: str | None, new: str | None) -> str:
    return f"{path}: {old} → {new}" if old is not None and new is not None else path


def _value(state: Mapping[str, Any], path: str) -> str | None:
    """A property as a short text; None where it is none, or cannot be found by a plain path."""
    found: Any = {**(state.get("outputs") or {}), **(state.get("inputs") or {})}
    for part in path.split("."):
        if not isinstance(found, dict) or part not in found:
            return None
        found = found[part]
    if isinstance(found, str | int | float | bool) and len(str(found)) <= _LONG:
        return json.dumps(found, ensure_ascii=False)
    return None
