"""Static results: an action that is told to give a fixed answer instead of doing its work.

Source: Azure page "Test logic apps with mock data by setting up static results".
"""

from __future__ import annotations

from localazure.workflows.outcome import ABSENT, ActionError, Outcome
from localazure.workflows.turn import Turn


def static_outcome(turn: Turn) -> Outcome | None:
    """The planned end of an action whose static result is switched on, else None."""
    _, chosen = turn.node.action.static_choice
    if str(chosen.get("staticResultOptions", "")).lower() != "enabled":
        return None
    name = str(chosen.get("name"))
    result = turn.state.program.definition.static_results.get(name)
    if result is None:
        message = f"The static result '{name}' of action '{turn.node.name}' is not defined under 'staticResults'."
        raise ActionError("BadRequest", message, error_code="InvalidTemplate")
    turn.inputs()
    outputs = result.get("outputs", ABSENT)
    status = str(result.get("status", "Succeeded"))
    return Outcome(status, str(result.get("code", _code(outputs, status))), outputs, result.get("error"))


def _code(outputs: object, status: str) -> str:
    if isinstance(outputs, dict) and "statusCode" in outputs:
        return str(outputs["statusCode"])
    return "OK" if status == "Succeeded" else "ActionFailed"
