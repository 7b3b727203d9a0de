"""Azure resource ids, taken apart: subscription, group, provider namespace, type and names."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ResourceId:
    """What an id or a request path under `/subscriptions/…` says, in the caller's spelling; "" where it says nothing.

    `types` and `names` run in parallel; a path that ends in a type (a list call) has one type more than names.
    An extension resource (`…/providers/A/b/c/providers/D/e/f`) keeps only its last provider; `scope` has the rest.
    """

    subscription: str = ""
    group: str = ""
    namespace: str = ""
    types: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    scope: str = ""

    @property
    def type(self) -> str:
        """The full type, `Microsoft.Storage/storageAccounts/tableServices`, or "" for a group or subscription."""
        return "/".join((self.namespace, *self.types)) if self.namespace else ""

    @property
    def name(self) -> str:
        """The names joined as in a resource's full name: `account/default/table`."""
        return "/".join(self.names)


def parse_id(path: str) -> ResourceId:
    """Read a path; never fails: what does not follow the pattern is left out."""
    segments = [segment for segment in path.split("/") if segment]
    scope, tail = _split_at_last_provider(segments)
    return ResourceId(
        subscription=_after(scope, "subscriptions"),
        group=_after(scope, "resourcegroups"),
        namespace=tail[0] if tail else "",
        types=tuple(tail[1::2]),
        names=tuple(tail[2::2]),
        scope="/" + "/".join(scope) if scope else "",
    )


def group_id(subscription: str, group: str) -> str:
    """The id of a resource group."""
    return f"/subscriptions/{subscription}/resourceGroups/{group}"


def resource_id(subscription: str, group: str, resource_type: str, *names: str) -> str:
    """The id of a resource: `resource_id(s, g, "Microsoft.Storage/storageAccounts", "leads")`."""
    namespace, *types = resource_type.split("/")
    pairs = "/".join(f"{kind}/{name}" for kind, name in zip(types, names, strict=True))
    return f"{group_id(subscription, group)}/providers/{namespace}/{pairs}"


def _split_at_last_provider(segments: list[str]) -> tuple[list[str], list[str]]:
    at = [index for index, segment in enumerate(segments) if segment.lower() == "providers"]
    return (segments[: at[-1]], segments[at[-1] + 1 :]) if at else (segments, [])


def _after(segments: list[str], word: str) -> str:
    pairs = zip(segments[::2], segments[1::2], strict=False)
    return next((value for key, value in pairs if key.lower() == word), "")
