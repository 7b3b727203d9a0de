"""The headers that the service adds to the calls of an action. Source: published request histories."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from localazure.workflows.state import RunData


def service_headers(data: RunData, instruction: Mapping[str, Any]) -> dict[str, str]:
    """What the service adds to a call. `instruction`: `action`, `tracking` (of the call), `actionTracking`."""
    about, tracking = data["about"], instruction.get("tracking", data["trackingId"])
    location = str(about.get("location") or "local").lower().replace(" ", "")
    parts = str(data["id"]).strip("/").split("/")
    return {
        "Accept-Language": "en-US",
        "User-Agent": f"azure-logic-apps/1.0,(workflow {data['guid']}; version {data['version']})",
        "x-ms-execution-location": location,
        "x-ms-workflow-id": data["guid"],
        "x-ms-workflow-version": data["version"],
        "x-ms-workflow-name": about["name"],
        "x-ms-workflow-system-id": f"/locations/{location}/scaleunits/prod-00/workflows/{data['guid']}",
        "x-ms-workflow-run-id": data["name"],
        "x-ms-workflow-run-tracking-id": data["trackingId"],
        "x-ms-workflow-operation-name": instruction["action"],
        "x-ms-workflow-subscription-id": parts[1] if len(parts) > 1 else "",
        "x-ms-workflow-resourcegroup-name": parts[3] if len(parts) > 3 else "",
        "x-ms-tracking-id": tracking,
        "x-ms-correlation-id": tracking,
        "x-ms-client-request-id": tracking,
        "x-ms-client-tracking-id": data["clientTrackingId"],
        "x-ms-action-tracking-id": instruction.get("actionTracking", tracking),
    }
