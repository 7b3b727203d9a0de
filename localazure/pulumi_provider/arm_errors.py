"""How failures of ARM are worded. Source: azure-native `PulumiAzcoreResponseError`, `IsNotFound`, `AzureError`."""

from __future__ import annotations

import json
from typing import Any

import httpx

# The codes of a 404 that mean "this resource is gone"; any other 404 is an error.
_GONE = frozenset(
    {
        "NotFound",
        "ResourceNotFound",
        "ResourceGroupNotFound",
        "LockNotFound",
        "ParentResourceNotFound",
        "EntityNotFound",
        "SubscriptionNotFound",
        "RoleAssignmentNotFound",
    }
)


class ArmCallError(Exception):
    """ARM could not be asked, or its answer makes no sense."""


class ArmAnswerError(ArmCallError):
    """ARM answered with an error."""

    def __init__(self, status: int, code: str, message: str) -> None:
        named = f' Code="{code}"' if code else ""
        super().__init__(f'Status={status}{named} Message="{message}"')
        self.status = status
        self.code = code

    @property
    def is_gone(self) -> bool:
        """Whether it says that the resource does not exist."""
        return self.status == 404 and self.code in _GONE


class TimedOutError(ArmCallError):
    """The operation did not end within its time."""

    def __init__(self) -> None:
        super().__init__("operation timed out")


class CanceledError(ArmCallError):
    """The engine canceled the operation."""

    def __init__(self) -> None:
        super().__init__("context canceled")


def refusal(answer: httpx.Response) -> ArmCallError:
    """The failure that an answer tells of."""
    body = parsed(answer)
    if not isinstance(body, dict):
        return ArmAnswerError(answer.status_code, answer.headers.get("x-ms-error-code", ""), answer.text)
    inner = body.get("error") if isinstance(body.get("error"), dict) else None
    code = answer.headers.get("x-ms-error-code") or str((inner or body).get("code") or "")
    message = inner["message"] if inner and isinstance(inner.get("message"), str) else answer.text
    return ArmAnswerError(answer.status_code, code, message)


def json_object(answer: httpx.Response) -> dict[str, Any]:
    """The body of a successful answer; an empty one counts as {}."""
    body = json_value(answer)
    if isinstance(body, dict):
        return body
    raise not_json(answer)


def json_value(answer: httpx.Response) -> Any:
    """The body of a successful answer, of any JSON type; an empty one counts as {}."""
    if not answer.content:
        return {}
    body = parsed(answer)
    if body is None and answer.text.strip() != "null":
        raise not_json(answer)
    return body


def not_json(answer: httpx.Response) -> ArmCallError:
    """The failure for a body that is not what was asked for."""
    status = f"{answer.status_code} {answer.reason_phrase}".strip()
    return ArmCallError(f"unexpected response from Azure: '{answer.text}', HTTP status: {status}")


def parsed(answer: httpx.Response) -> Any:
    """The body as JSON, or None."""
    try:
        return json.loads(answer.content)
    except ValueError:
        return None
