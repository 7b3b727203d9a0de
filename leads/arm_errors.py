"""What the management clients raise, in one line that says what to do, without what a service's answer may quote."""

from __future__ import annotations

from typing import Any

from azure.core.exceptions import (
    AzureError,
    ClientAuthenticationError,
    HttpResponseError,
    ServiceRequestError,
    ServiceResponseError,
)

from leads.errors import LeadsError


class FlowError(LeadsError):
    """Azure could not be asked, or said no; the message is one line and says what to do."""


class Explained:
    """`with Explained("Logic App lead-notifier"): …` turns the clients' exceptions into a `FlowError` about it."""

    def __init__(self, subject: str) -> None:
        self._subject = subject

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if isinstance(error, AzureError):
            raise FlowError(explain(error, self._subject)) from None


def explain(error: AzureError, subject: str) -> str:
    """The error in one line; of what the service said only its code."""
    if isinstance(error, ClientAuthenticationError):
        return 'sign-in failed; run `az login` (on the local cloud: localazure start && eval "$(localazure env)")'
    if isinstance(error, ServiceRequestError | ServiceResponseError):
        return "Azure Resource Manager does not answer; look at the network (on the local cloud: `localazure start`)"
    if isinstance(error, HttpResponseError):
        return f"{subject}: {_CAUSES.get(code_of(error), code_of(error))}"
    return f"{subject}: {type(error).__name__}"


def code_of(error: HttpResponseError) -> str:
    """Azure's code of a refusal, else the reason of its status."""
    code = error.error.code if error.error is not None else None
    return str(code or error.reason or error.status_code)


_CAUSES = {
    "ResourceNotFound": "it does not exist any more; `pulumi up --refresh` makes it again",
    "ResourceGroupNotFound": "its resource group does not exist any more; `pulumi up --refresh` makes it again",
    "AuthorizationFailed": "you may not do that; the role Logic App Operator reads and runs it, Logic App Contributor"
    " changes it",
    "WorkflowTriggerIsNotEnabled": "it is disabled; `scripts/manage_flow.py start` enables it",
    "WorkflowRunNotFound": "it has no such run; `scripts/manage_flow.py runs` lists them (Azure keeps 90 days)",
    "WorkflowTriggerHistoryNotFound": "it has no such run; `scripts/manage_flow.py runs` lists them",
    "WorkflowRunCanNotBeCancelled": "the run is not active, so that there is nothing to cancel",
    "ScopeLocked": "a lock on it or on its resource group forbids the change; `az lock list` shows it",
    "TooManyRequests": "Azure asks to be called less often; wait a minute and try again",
}
