"""What the workflow service refuses, with the status, code and message of its REST API."""

from __future__ import annotations


class WorkflowError(Exception):
    """A refusal. `status` is the HTTP status that the management API answers with."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.status = status
        self.code = code
        self.message = message


def not_found(workflow: str) -> WorkflowError:
    return WorkflowError(404, "WorkflowNotFound", f"The workflow '{workflow}' could not be found.")


def run_not_found(workflow: str, run: str) -> WorkflowError:
    return WorkflowError(404, "WorkflowRunNotFound", f"The workflow '{workflow}' run '{run}' could not be found.")


def action_not_found(workflow: str, run: str, action: str) -> WorkflowError:
    message = f"The workflow '{workflow}' run '{run}' action '{action}' could not be found."
    return WorkflowError(404, "WorkflowRunActionNotFound", message)


def trigger_not_found(workflow: str, trigger: str) -> WorkflowError:
    message = f"The workflow '{workflow}' trigger '{trigger}' could not be found."
    return WorkflowError(404, "WorkflowTriggerNotFound", message)


def not_enabled(guid: str, trigger: str, state: str) -> WorkflowError:
    message = f"Could not execute workflow '{guid}' trigger '{trigger}' with state '{state}': trigger is not enabled."
    return WorkflowError(400, "WorkflowTriggerIsNotEnabled", message)


def not_supported(message: str) -> WorkflowError:
    """What the local cloud does not do (yet): it says so instead of pretending."""
    return WorkflowError(400, "NotSupportedByLocalAzure", message)
