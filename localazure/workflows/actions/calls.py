"""What all calling actions share: retries, the asynchronous pattern of 202 and Location, the record of each call.

An answer is `{"status", "headers", "body"?}` or `{"failure": {"code", "message"}}` where there was none. Between steps
the action's notes hold `attempt` (1 is the first), `poll` (an address to ask for the result of a 202) and what the
type of action adds.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from localazure.workflows.outcome import ABSENT, FAILED, SUCCEEDED, ActionError, Outcome
from localazure.workflows.retries import RetryPolicy, is_retryable, parse_policy, retry_after
from localazure.workflows.stamps import guid, version_name
from localazure.workflows.statuses import status_name
from localazure.workflows.turn import Turn

Answer = Mapping[str, Any]

_POLL = timedelta(seconds=20)


class Caller:
    """Base of the actions that call something. A subclass gives the instruction, and what an answer means."""

    kind = "http"

    def request(self, turn: Turn, inputs: Any) -> dict[str, Any]:
        """The call as JSON, from the evaluated inputs: at least `method`, and where it goes."""
        raise NotImplementedError

    def poll(self, request: dict[str, Any], location: str) -> dict[str, Any]:
        """The call that asks for the result of an accepted one."""
        raise NotImplementedError

    def answered(self, _: Turn, answer: Answer, /) -> Outcome | None:
        """The last answer has come, whatever its status."""
        return finished(answer)

    def inputs(self, turn: Turn) -> Any:
        """Evaluate the inputs and put them on record."""
        return turn.inputs()

    def start(self, turn: Turn) -> Outcome | None:
        inputs = self.inputs(turn)
        self.policy(turn, inputs)
        turn.notes["attempt"] = 1
        self.send(turn)
        return None

    def resume(self, turn: Turn, instruction: Mapping[str, Any], result: Answer) -> Outcome | None:
        if instruction["kind"] == "timer":
            self.send(turn)
            return None
        policy = self.policy(turn, turn.record["inputs"])
        log_call(turn, instruction, result)
        if self._may_retry(turn, result, policy):
            self._retry(turn, instruction, result, policy)
            return None
        if (location := self.accepted(turn, result)) is not None:
            self._ask_later(turn, location, result)
            return None
        if "failure" in result:
            raise ActionError(result["failure"]["code"], result["failure"]["message"])
        return self.answered(turn, result)

    def send(self, turn: Turn) -> None:
        """Give the call out, or the one that asks for its result."""
        request = self.request(turn, turn.record["inputs"])
        if "poll" in turn.notes:
            request = self.poll(request, turn.notes["poll"])
        turn.call(self.kind, request=request, tracking=guid(turn.state.chance), actionTracking=turn.record["tracking"])

    def policy_of(self, inputs: Any) -> Any:
        """Where the retry policy stands in the inputs."""
        return inputs.get("retryPolicy")

    def policy(self, turn: Turn, inputs: Any) -> RetryPolicy:
        try:
            return parse_policy(self.policy_of(inputs) if isinstance(inputs, Mapping) else None)
        except ValueError as error:
            raise ActionError(
                "BadRequest", f"The retry policy of action '{turn.node.name}' is not valid: {error}."
            ) from None

    def _may_retry(self, turn: Turn, result: Answer, policy: RetryPolicy) -> bool:
        failed = result["failure"].get("retry", True) if "failure" in result else is_retryable(result["status"])
        return bool(failed) and turn.notes["attempt"] <= policy.count

    def _retry(self, turn: Turn, instruction: Mapping[str, Any], result: Answer, policy: RetryPolicy) -> None:
        attempt = turn.notes["attempt"]
        wait = retry_after(result.get("headers", {}), turn.now)
        turn.record.setdefault("retryHistory", []).append(_retry_entry(turn, instruction, result))
        turn.notes["attempt"] = attempt + 1
        turn.wait_for(policy.wait(attempt, turn.state.chance) if wait is None else wait, "retry")

    def accepted(self, turn: Turn, result: Answer, /) -> str | None:
        """Where to ask for the result of a call that was accepted only; None if this is the result."""
        if result.get("status") != 202 or turn.has_option("DisableAsyncPattern"):
            return None
        return answer_header(result, "location")

    def _ask_later(self, turn: Turn, location: str, result: Answer) -> None:
        wait = retry_after(result.get("headers", {}), turn.now)
        turn.notes["poll"], turn.notes["attempt"] = location, 1
        turn.wait_for(_POLL if wait is None else wait, "poll")


def finished(answer: Answer) -> Outcome:
    """The outcome of an answer: its status decides, its content is the action's output."""
    status = answer["status"]
    return Outcome(SUCCEEDED if status < 400 else FAILED, status_name(status), answer_outputs(answer))


def answer_outputs(answer: Answer) -> dict[str, Any]:
    """`{"statusCode", "headers", "body"}`; no body key where the answer had none."""
    outputs = {"statusCode": answer["status"], "headers": dict(answer.get("headers", {}))}
    return {**outputs, "body": answer["body"]} if answer.get("body", ABSENT) not in (ABSENT, None) else outputs


def log_call(turn: Turn, instruction: Mapping[str, Any], result: Answer) -> None:
    """Keep the call for the action's request history; the body of the last answer is the action's own output."""
    entries = turn.record.setdefault("requests", [])
    request = instruction.get("request", {})
    shown = {"method": str(request.get("method", "")).upper(), "uri": request.get("uri") or request.get("path", "")}
    entry = {
        "name": version_name(turn.now)[:-3] + f"{len(entries):03d}",
        "startTime": instruction["at"],
        "endTime": turn.state.stamp,
        "request": {"headers": request.get("headers", {}), **shown},
        "tracking": instruction.get("tracking"),
    }
    if "status" in result:
        entry["response"] = {"headers": dict(result.get("headers", {})), "statusCode": result["status"]}
        if is_retryable(result["status"]) and "body" in result:
            entry["body"] = result["body"]
    entries.append(entry)


def _retry_entry(turn: Turn, instruction: Mapping[str, Any], result: Answer) -> dict[str, Any]:
    code = result["failure"]["code"] if "failure" in result else status_name(result["status"])
    entry = {
        "startTime": instruction["at"],
        "endTime": turn.state.stamp,
        "code": code,
        "clientRequestId": guid(turn.state.chance),
    }
    if (service := answer_header(result, "x-ms-request-id")) is not None:
        entry["serviceRequestId"] = service
    message = result["failure"]["message"] if "failure" in result else f"Http request failed with status code '{code}'."
    return {**entry, "error": {"error": {"code": code, "message": message}}}


def answer_header(answer: Answer, name: str) -> str | None:
    """A header of an answer by its name in lower case."""
    headers = answer.get("headers") or {}
    return next((str(value) for key, value in headers.items() if key.lower() == name), None)
