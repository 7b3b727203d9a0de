"""The file to send back: verdicts and what was seen, nothing by which a subscription, a person or a key is known."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from leads.files import whole
from verify.probing import Result
from verify.site import Deployed

FORMAT = 1


@dataclass
class Report:
    """What happened, filled as it happens: a report that was cut off tells what there was until then.

    `on` is `azure` or `local cloud`; `ended` says how: `complete`, `interrupted`, or what went wrong.
    """

    on: str
    location: str
    program: str
    began: datetime
    results: list[Result] = field(default_factory=list)
    ended: str = "interrupted"
    removed: bool = False

    def summary(self) -> dict[str, int]:
        """Verdict → how many."""
        return {str(verdict): number for verdict, number in Counter(one.verdict for one in self.results).items()}

    def as_json(self, deployed: Deployed | None) -> dict[str, Any]:
        """The report; names of the deployment are replaced by what they name."""
        content = {
            "format": FORMAT,
            "program": self.program,
            "on": self.on,
            "location": self.location,
            "began": self.began.isoformat(timespec="seconds"),
            "seconds": round((datetime.now(UTC) - self.began).total_seconds()),
            "ended": self.ended,
            "removed": self.removed,
            "summary": self.summary(),
            "statements": [_result(one) for one in sorted(self.results, key=lambda one: one.statement.id)],
        }
        hidden: dict[str, Any] = hide(content, _names(deployed))
        return hidden

    def write(self, file: Path, deployed: Deployed | None) -> None:
        """Write it; there whole or not at all."""
        with whole(file) as out:
            out.write(json.dumps(self.as_json(deployed), indent=2, ensure_ascii=False) + "\n")


def hide(value: Any, names: Mapping[str, str]) -> Any:
    """`value` with each of `names` replaced, in keys and texts, in any case."""
    if isinstance(value, dict):
        return {_replaced(str(key), names): hide(item, names) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [hide(item, names) for item in value]
    return _replaced(value, names) if isinstance(value, str) else value


def _replaced(text: str, names: Mapping[str, str]) -> str:
    for name, what in names.items():
        start = 0
        while name and (at := text.lower().find(name.lower(), start)) >= 0:
            text = f"{text[:at]}{what}{text[at + len(name) :]}"
            start = at + len(what)
    return text


def _names(deployed: Deployed | None) -> dict[str, str]:
    if deployed is None:
        return {}
    parts = dict(part.split("=", 1) for part in deployed.connection_string.split(";") if "=" in part)
    named = {
        parts.get("AccountKey", ""): "<key>",
        deployed.subscription: "<subscription>",
        deployed.group: "<group>",
        deployed.account: "<account>",
    }
    return {name: what for name, what in named.items() if name}


def summarized(results: Iterable[Result]) -> str:
    """`31 confirmed, 2 refuted, …` for a person."""
    counted = Counter(str(one.verdict) for one in results)
    return ", ".join(f"{number} {verdict}" for verdict, number in counted.most_common()) or "nothing was probed"


def _result(one: Result) -> dict[str, Any]:
    told = {"id": one.statement.id, "statement": one.statement.text, "verdict": str(one.verdict), "seen": one.seen}
    return {**told, **({"why": one.why} if one.why else {}), "seconds": one.seconds}
