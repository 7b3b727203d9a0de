"""Rules that ARM itself applies to every tracked resource: its location and its tags."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from localazure.arm.envelope import ArmError
from localazure.arm.regions import REGIONS, normalize
from localazure.arm.resource_ids import ResourceId


def check_location(wanted: ResourceId, body: Any, existing: Mapping[str, Any] | None) -> None:
    """A PUT of a top-level resource must name a region that exists, and the one where the resource already is."""
    location = body.get("location") if isinstance(body, dict) else None
    if not isinstance(location, str) or len(wanted.types) != 1 or len(wanted.names) != 1:
        return
    found = normalize(location)
    if found != "global" and found not in REGIONS:
        raise _no_such_region(found, wanted.type)
    there = normalize(str((existing or {}).get("location", found)))
    if there != found:
        raise _elsewhere(wanted, there, found)


def check_tags(body: Any) -> None:
    """At most 50 tags, each a text. Source: Microsoft's page "Use tags to organize your Azure resources"."""
    tags = body.get("tags") if isinstance(body, dict) else None
    if tags is None:
        return
    if not isinstance(tags, dict) or not all(isinstance(value, str | None) for value in tags.values()):
        raise ArmError(400, "InvalidRequestContent", "The request content was invalid: tags must be a map of strings.")
    if len(tags) > 50:
        message = f"Number of tags specified on the resource exceeds the maximum allowed: {len(tags)} of 50."
        raise ArmError(400, "InvalidTagsLimit", message)


def _no_such_region(location: str, kind: str) -> ArmError:
    return ArmError(
        400,
        "LocationNotAvailableForResourceType",
        f"The provided location '{location}' is not available for resource type '{kind}'. List of available regions "
        f"for the resource type is '{','.join(REGIONS)}'.",
    )


def _elsewhere(wanted: ResourceId, there: str, found: str) -> ArmError:
    return ArmError(
        409,
        "InvalidResourceLocation",
        f"The resource '{wanted.name}' already exists in location '{there}' in resource group '{wanted.group}'. "
        f"A resource with the same name cannot be created in location '{found}'. Please select a new resource name.",
    )
