"""HttpWebhook and ApiConnectionWebhook: subscribe, wait for the callback, unsubscribe when the wait is broken off.

Source: Azure page "Subscribe and wait for events to run workflows using HTTP webhooks".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from localazure.workflows.actions.calls import Answer, Caller, answer_header, finished
from localazure.workflows.actions.connections import connector_request, next_page
from localazure.workflows.actions.http import http_request
from localazure.workflows.authentication import sanitized
from localazure.workflows.outcome import WAITING, ActionError, Outcome
from localazure.workflows.turn import Turn


class Waiting(Caller):
    """What both have in common once they have subscribed."""

    def resume(self, turn: Turn, instruction: Mapping[str, Any], result: Answer) -> Outcome | None:
        if instruction["kind"] == "callback":
            return Outcome(outputs={"headers": dict(result.get("headers") or {}), **_body(result)})
        return super().resume(turn, instruction, result)

    def answered(self, turn: Turn, answer: Answer, /) -> Outcome | None:
        if answer["status"] >= 400:
            return finished(answer)
        turn.record["status"] = WAITING
        return None

    def accepted(self, *_: object) -> str | None:
        """A subscription that is accepted is not asked for its result: the callback is the result."""
        return None


class HttpWebhook(Waiting):
    """Inputs: `{"subscribe": {method, uri, …}, "unsubscribe"?: {…}}`. Notes: the authentications."""

    kind = "http"

    def inputs(self, turn: Turn) -> Any:
        inputs = turn.evaluate(turn.node.inputs)
        if not isinstance(inputs, dict) or not isinstance(inputs.get("subscribe"), dict):
            raise ActionError("BadRequest", f"The inputs of action '{turn.node.name}' hold no 'subscribe'.")
        secret = {part: inputs[part].get("authentication") for part in inputs if isinstance(inputs[part], dict)}
        turn.notes["authentication"] = {part: value for part, value in secret.items() if value}
        turn.record["inputs"] = {part: _sanitized(value) for part, value in inputs.items()}
        return turn.record["inputs"]

    def policy_of(self, inputs: Any) -> Any:
        return inputs["subscribe"].get("retryPolicy")

    def request(self, turn: Turn, inputs: Any) -> dict[str, Any]:
        return http_request(turn.node.name, inputs["subscribe"], turn.notes["authentication"].get("subscribe"))

    def abandon(self, turn: Turn) -> None:
        """The run was cancelled or the wait timed out: take the subscription back."""
        unsubscribe = turn.record.get("inputs", {}).get("unsubscribe")
        if isinstance(unsubscribe, dict) and unsubscribe.get("uri"):
            request = http_request(turn.node.name, unsubscribe, turn.notes["authentication"].get("unsubscribe"))
            turn.send_off(self.kind, request=request)


class ApiConnectionWebhook(Waiting):
    """The subscription is an operation of a managed connector, with `listCallbackUrl()` somewhere in its body.

    Notes: `location` of the subscription, which a connector deletes.
    """

    kind = "connector"

    def request(self, turn: Turn, inputs: Any) -> dict[str, Any]:
        return connector_request(turn.node.name, subscribing(inputs))

    def answered(self, turn: Turn, answer: Answer, /) -> Outcome | None:
        turn.notes["location"] = answer_header(answer, "location")
        return super().answered(turn, answer)

    def abandon(self, turn: Turn) -> None:
        """The run was cancelled or the wait timed out: take the subscription back."""
        if (location := turn.notes.get("location")) is not None:
            request = self.request(turn, turn.record["inputs"])
            turn.send_off(self.kind, request=unsubscribing(request, location))


def subscribing(inputs: Any) -> Any:
    """Inputs of a connector's subscription: a POST where they do not say."""
    return {"method": "post", **inputs} if isinstance(inputs, dict) else inputs


def unsubscribing(subscribed: dict[str, Any], location: str) -> dict[str, Any]:
    """A connector deletes what the `Location` of its subscription's answer names."""
    return {**next_page(subscribed, location), "method": "DELETE", "body": None}


def _sanitized(part: Any) -> Any:
    if not isinstance(part, dict) or "authentication" not in part:
        return part
    return {**part, "authentication": sanitized(part["authentication"])}


def _body(result: Mapping[str, Any]) -> dict[str, Any]:
    return {"body": result["body"]} if "body" in result else {}
