"""References to the run: parameters, variables, actions, outputs, body, trigger and kin, item, items, workflow, …"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from wdl.context import ABSENT, Context, lookup
from wdl.errors import Fault
from wdl.forms import form_value, form_values, multipart_body
from wdl.registry import Parameter, alias, anything, function, integer, string
from wdl.values import Value


def _name(position: str = "its") -> Parameter:
    return string(f"{position} parameter to be of type string", usage="")


def _not_here() -> Fault:
    return Fault("The template function '{name}' is not expected at this location.")


def _entry(entries: Mapping[str, Any], key: str, kind: str) -> Any:
    found = lookup(entries, key)
    if found is None:
        raise Fault(
            "The template language function '{name}' cannot be evaluated because the {kind} '{key}' is not available. "
            "Check its name and that it comes before this place.",
            kind=kind,
            key=key,
        )
    return entries[found]


def _reference(name: str, *parameters: Parameter, arity: str = "") -> Callable[[Any], Any]:
    if not arity:
        arity = "must have only one parameter." if parameters else "must not have any parameters."
    return function(name, *parameters, arity=arity, needs_context=True, reference=True)


def _of_action(what: str) -> str:
    return (
        f"expects two parameters: the name of the action as the first parameter, {what} as the second parameter. "
        "The function was invoked with '{count}' parameter(s)."
    )


@_reference("parameters", _name())
def parameters(context: Context, name: str) -> Value:
    """The value of a workflow parameter."""
    return _entry(context.parameters, name, "parameter")  # type: ignore[no-any-return]


@_reference("variables", _name())
def variables(context: Context, name: str) -> Value:
    """The value of a variable."""
    return _entry(context.variables, name, "variable")  # type: ignore[no-any-return]


@_reference("actions", _name())
def actions(context: Context, name: str) -> Value:
    """The record of a finished action: name, inputs, outputs, status, …"""
    return _entry(context.actions, name, "action")  # type: ignore[no-any-return]


@_reference("action")
def action(context: Context) -> Value:
    """The record of the action whose definition holds the expression."""
    if context.action is None:
        raise _not_here()
    return dict(context.action)


@_reference("outputs", _name())
def outputs(context: Context, name: str) -> Value:
    """The outputs of a finished action; null when it has none."""
    return _entry(context.actions, name, "action").get("outputs")  # type: ignore[no-any-return]


@_reference("body", _name())
def body(context: Context, name: str) -> Value:
    """The body in the outputs of a finished action; null when there is none."""
    return _body_of(_entry(context.actions, name, "action"))  # type: ignore[no-any-return]


# The names of the language's first version, still understood.
alias("actionBody", "body")
alias("actionOutputs", "outputs")


def _body_of(record: Mapping[str, Any] | None) -> Any:
    found = record.get("outputs") if record else None
    return found.get("body") if isinstance(found, dict) else None


@_reference("trigger")
def trigger(context: Context) -> Value:
    """The trigger's record."""
    return None if context.trigger is None else dict(context.trigger)


@_reference("triggerOutputs")
def trigger_outputs(context: Context) -> Value:
    """The trigger's outputs; null when it has none."""
    return context.trigger.get("outputs") if context.trigger else None


@_reference("triggerBody")
def trigger_body(context: Context) -> Value:
    """The body in the trigger's outputs; null when there is none."""
    return _body_of(context.trigger)  # type: ignore[no-any-return]


@_reference("item")
def item(context: Context) -> Value:
    """The current item of Query, Select or the innermost loop."""
    if context.item is ABSENT:
        raise _not_here()
    return context.item  # type: ignore[return-value]


@_reference("items", _name())
def items(context: Context, loop: str) -> Value:
    """The current item of a Foreach."""
    return _entry(context.items, loop, "loop")  # type: ignore[no-any-return]


@_reference("iterationIndexes", _name())
def iteration_indexes(context: Context, loop: str) -> Value:
    """The number of the current iteration of an Until, from 0."""
    return _entry(context.iteration_indexes, loop, "loop")  # type: ignore[no-any-return]


@_reference("result", _name())
def result(context: Context, scope: str) -> Value:
    """The records of the actions of a finished scope."""
    return context.result(scope)


@_reference("workflow")
def workflow(context: Context) -> Value:
    """Details of the workflow and the run: id, name, type, location, tags, run."""
    return dict(context.workflow)


@_reference("listCallbackUrl", anything(optional=True))
def list_callback_url(context: Context, *arguments: Value) -> str:
    """The callback URL of the trigger, or of the webhook action that holds the expression."""
    return context.list_callback_url(*arguments)


# --- forms and multipart bodies ---------------------------------------------------------------------------------


@_reference("triggerFormDataValue", _name())
def trigger_form_data_value(context: Context, key: str) -> Value:
    """The one value of a key in the trigger's form; null without it."""
    return form_value(trigger_outputs(context), key)  # type: ignore[no-any-return]


@_reference("triggerFormDataMultiValues", _name())
def trigger_form_data_multi_values(context: Context, key: str) -> Value:
    """All values of a key in the trigger's form."""
    return form_values(trigger_outputs(context), key)


_FIELD_OF_ACTION = _of_action("the name of the form field")


@_reference("formDataValue", _name("its first"), _name("its second"), arity=_FIELD_OF_ACTION)
def form_data_value(context: Context, action_name: str, key: str) -> Value:
    """The one value of a key in an action's form; null without it."""
    return form_value(outputs(context, action_name), key)  # type: ignore[no-any-return]


@_reference("formDataMultiValues", _name("its first"), _name("its second"), arity=_FIELD_OF_ACTION)
def form_data_multi_values(context: Context, action_name: str, key: str) -> Value:
    """All values of a key in an action's form."""
    return form_values(outputs(context, action_name), key)


@_reference("triggerMultipartBody", integer("its parameter to be an integer", usage=""))
def trigger_multipart_body(context: Context, index: int) -> Value:
    """The body of one part of the trigger's multipart body."""
    return multipart_body(trigger_outputs(context), index)


@_reference(
    "multipartBody",
    _name("its first"),
    integer("its second parameter to be an integer", usage=""),
    arity=_of_action("the index of the multipart content"),
)
def multipart_body_of(context: Context, action_name: str, index: int) -> Value:
    """The body of one part of an action's multipart body."""
    return multipart_body(outputs(context, action_name), index)
