"""What ARM asks of every call before a resource provider sees it: may the caller do that, is the scope locked, …"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from localazure.arm.resource_ids import ResourceId, parse_id

_VERBS = {"GET": "read", "HEAD": "read", "PUT": "write", "PATCH": "write", "DELETE": "delete"}
_RESOURCES = "Microsoft.Resources"


@dataclass(frozen=True)
class Call:
    """One call as rules see it. `principal` is the caller's object id, "" if the token names none."""

    method: str
    path: str
    principal: str = ""
    client: str = ""

    @property
    def wanted(self) -> ResourceId:
        """The path, taken apart."""
        return parse_id(self.path)

    @property
    def action(self) -> str:
        """What the call needs, in the words of role definitions: `Microsoft.Storage/storageAccounts/listKeys/action`.

        "" for what everybody may do who has a token. Source: Microsoft's pages "Azure permissions for …".
        """
        if not self.wanted.namespace or not self.wanted.types:
            return self._action_of_arm()
        return self._action_of_provider()

    def _action_of_provider(self) -> str:
        found = self.wanted
        if self.method != "POST":
            return f"{found.type}/{_VERBS[self.method]}"
        if found.types[-1].lower() == "checknameavailability":
            return f"{found.type}/read"
        return f"{found.type}/action"

    def _action_of_arm(self) -> str:
        words = [word for word in self.path.split("/") if word][::2]
        if self.wanted.subscription == "":
            return ""
        types = "/".join("resourceGroups" if word.lower() == "resourcegroups" else word for word in words)
        return f"{_RESOURCES}/{types}/{_VERBS.get(self.method, 'action')}"


class Rule(Protocol):
    """Something that ARM asks of every call."""

    def check(self, call: Call) -> None:
        """Raise `ArmError` if the call must not be made."""
        ...
