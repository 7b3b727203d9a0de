"""Calling a workflow from outside: the headers that say which run it became."""

from __future__ import annotations

from localazure.workflows.catalog import Workflow


def run_headers(workflow: Workflow, run: str, tracking: str | None = None) -> dict[str, str]:
    """Headers of an answer that started a run. Source: published answers of Request triggers."""
    location = str(workflow.get("location") or "local").lower().replace(" ", "")
    return {
        "x-ms-workflow-run-id": run,
        "x-ms-client-tracking-id": tracking or run,
        "x-ms-trigger-history-name": run,
        "x-ms-execution-location": location,
        "x-ms-workflow-system-id": f"/locations/{location}/scaleunits/prod-00/workflows/{workflow['guid']}",
        "x-ms-workflow-id": workflow["guid"],
        "x-ms-workflow-version": workflow["version"],
        "x-ms-workflow-name": str(workflow["id"]).rsplit("/", 1)[-1],
    }
