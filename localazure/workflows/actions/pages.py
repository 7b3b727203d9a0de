"""Lists that come in pages: followed to the end, or to as many items as the action's `paginationPolicy` wants.

Where the next page is stands in the answer as `nextLink` or, with OData, as `@odata.nextLink`.

Source: Azure page "Get more data, items, or records by using pagination"; for Http, Microsoft's integration blog,
"Logic App HTTP pagination deeper look".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from localazure.workflows.actions.calls import Answer, Caller, finished
from localazure.workflows.outcome import Outcome
from localazure.workflows.turn import Turn

_LINKS = ("nextLink", "@odata.nextLink")


class Paged(Caller):
    """Notes: `next` (where the next page is, for `request` to heed), `pages` (the items collected so far)."""

    def answered(self, turn: Turn, answer: Answer, /) -> Outcome | None:
        wanted = _minimum(turn)
        if wanted is None or answer["status"] >= 400 or not _is_page(answer.get("body")):
            return finished(answer)
        return self._collect(turn, answer, wanted)

    def _collect(self, turn: Turn, answer: Answer, wanted: int) -> Outcome | None:
        """Ask for page after page, empty ones too, until there are enough items or no more pages."""
        body = answer["body"]
        items = [*turn.notes.get("pages", []), *body["value"]]
        link = next((body[name] for name in _LINKS if body.get(name)), None)
        if link and len(items) < wanted:
            turn.notes["pages"], turn.notes["next"], turn.notes["attempt"] = items, str(link), 1
            turn.notes.pop("poll", None)
            self.send(turn)
            return None
        left = {name: value for name, value in body.items() if link or name not in _LINKS}
        return finished({**answer, "body": {**left, "value": items}})


def _is_page(body: Any) -> bool:
    return isinstance(body, Mapping) and isinstance(body.get("value"), list)


def _minimum(turn: Turn) -> int | None:
    policy = turn.node.action.runtime_configuration.get("paginationPolicy")
    if not isinstance(policy, Mapping):
        return None
    count = policy.get("minimumItemCount")
    return count if isinstance(count, int) else 0
