"""Response: answers whoever called the workflow and waits.

Source: Azure page "Receive and respond to inbound HTTPS calls"; texts from published run histories.
"""

from __future__ import annotations

from typing import Any

from localazure.workflows.actions.http import texts
from localazure.workflows.http_bodies import body_type, header_value
from localazure.workflows.outcome import FAILED, SKIPPED, ActionError, Outcome
from localazure.workflows.stamps import unstamp
from localazure.workflows.turn import Turn

_REMOVED = frozenset({"allow", "cookie", "expires", "last-modified", "set-cookie", "transfer-encoding"})
_KEPT = frozenset({"content-disposition", "content-encoding", "content-type"})


def respond(turn: Turn) -> Outcome:
    """Put the answer into the run's data, where the waiting caller finds it."""
    data = turn.state.data
    if "response" in data:
        raise _second(turn)
    if not data.get("awaited"):
        return _nobody_waits(turn)
    inputs = turn.object_inputs()
    status = _status(turn, inputs.get("statusCode", 200))
    if "respondBy" in data and not turn.has_option("Asynchronous") and turn.now > unstamp(data["respondBy"]):
        return _too_late(turn)
    outputs = {"statusCode": status, "headers": _headers(inputs.get("headers"), inputs.get("body"))}
    outputs |= {"body": inputs["body"]} if inputs.get("body") is not None else {}
    turn.record["inputs"] = {**inputs, "statusCode": str(status)}
    data["response"] = {
        **outputs,
        "startTime": turn.record["startTime"],
        "endTime": turn.state.stamp,
        "status": "Succeeded",
    }
    return Outcome(code="OK", outputs=outputs)


def _status(turn: Turn, value: Any) -> int:
    try:
        status = int(value)
    except (ValueError, TypeError):
        status = 0
    if not 200 <= status <= 599 or 300 <= status <= 399:
        message = (
            f"The 'statusCode' property of the response action '{turn.node.name}' is '{value}'. "
            "It must be a whole number from 200 to 599, but not 3xx."
        )
        raise ActionError("BadRequest", message)
    return status


def _headers(headers: Any, body: Any) -> dict[str, str]:
    kept = {name: value for name, value in texts(headers).items() if not _is_removed(name)}
    if body is not None and header_value(kept, "content-type") is None:
        kept["Content-Type"] = body_type(body)
    return kept


def _is_removed(name: str) -> bool:
    lower = name.lower()
    return lower in _REMOVED or (lower.startswith("content-") and lower not in _KEPT)


def _nobody_waits(turn: Turn) -> Outcome:
    message = (
        f"The execution of template action '{turn.node.name}' is skipped: the client application is not waiting for "
        "a response from service."
    )
    return Outcome(SKIPPED, "ActionResponseSkipped", error={"code": "ActionResponseSkipped", "message": message})


def _too_late(turn: Turn) -> Outcome:
    message = (
        f"The execution of template action '{turn.node.name}' is failed: the client application timed out waiting for "
        "a response from service. This means that workflow took longer to respond than the alloted timeout value. "
        "The connection maintained between the client application and service will be closed."
    )
    return Outcome(FAILED, "ActionResponseTimedOut", error={"code": "ActionResponseTimedOut", "message": message})


def _second(turn: Turn) -> ActionError:
    return ActionError(
        "BadRequest", f"The response action '{turn.node.name}' cannot answer: the request was answered before."
    )
