"""What the expressions of an action see: the run as a context of the language, from where the action stands."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from localazure.workflows.outcome import FINAL
from localazure.workflows.program import Node
from localazure.workflows.state import Record, RunData, RunState, indexes, shortened
from wdl.context import ABSENT, Context
from wdl.errors import ExpressionError

_ORDER = (
    ("name", "name"),
    ("inputs", "inputs"),
    ("outputs", "outputs"),
    ("startTime", "startTime"),
    ("endTime", "endTime"),
    ("tracking", "trackingId"),
    ("clientTrackingId", "clientTrackingId"),
    ("code", "code"),
    ("status", "status"),
    ("error", "error"),
)


def context_at(
    state: RunState, loops: tuple[str, ...], repetition: str, callback: Callable[..., str] | None = None
) -> Context:
    """The context of an action inside `loops` (outermost first), in the repetition `repetition`."""
    items, positions = _loops(state.data, loops, repetition)
    context = Context(
        actions=FinishedActions(state, loops, repetition),
        trigger=state.data["trigger"],
        parameters=state.program.parameters,
        variables=Variables(state.data),
        workflow=state.data["about"],
        items=items,
        iteration_indexes=positions,
        item=next(reversed(items.values())) if items else ABSENT,
        result=lambda scope: result(state, loops, repetition, scope),
        utc_now=lambda: state.now,
        random=state.chance,
    )
    if callback is not None:
        context.list_callback_url = callback
    return context


class Variables(Mapping[str, Any]):
    """The values of the run's variables as they are at this moment."""

    def __init__(self, data: RunData) -> None:
        self._variables = data["variables"]

    def __getitem__(self, name: str) -> Any:
        return self._variables[name]["value"]

    def __iter__(self) -> Iterator[str]:
        return iter(self._variables)

    def __len__(self) -> int:
        return len(self._variables)


class FinishedActions(Mapping[str, Record]):
    """The finished actions as `actions('X')` returns them, seen from inside some loops."""

    def __init__(self, state: RunState, loops: tuple[str, ...], repetition: str) -> None:
        self._state, self._loops, self._repetition = state, loops, repetition

    def __getitem__(self, name: str) -> Record:
        node = self._state.program.find(name)
        found = None if node is None else self._seen(node)
        if found is None:
            raise KeyError(name)
        return found

    def __contains__(self, name: object) -> bool:
        node = self._state.program.find(str(name))
        return node is not None and self._seen(node) is not None

    def __iter__(self) -> Iterator[str]:
        return (name for name in self._state.data["actions"] if name in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _seen(self, node: Node) -> Record | None:
        return seen(self._state, node, self._loops, self._repetition)


def seen(state: RunState, node: Node, loops: tuple[str, ...], repetition: str) -> Record | None:
    """The record of an action as visible from inside `loops`; None if it has not ended.

    From outside a Foreach its inner actions show one record whose outputs are an array of all iterations'; from
    outside an Until, that of the last iteration.
    """
    shared = sum(1 for _ in _common(node.loops, loops))
    base = shortened(repetition, shared)
    if shared == len(node.loops):
        record = state.record(node.name, base)
        return public(state, node.name, record) if record and record["status"] in FINAL else None
    return _summary(state, node, base)


def public(state: RunState, name: str, record: Record) -> Record:
    """A finished record in the shape and order of `actions()` and `result()`; blocks show no inputs and outputs."""
    whole = {**record, "name": name, "clientTrackingId": state.data["clientTrackingId"]}
    if whole.get("code") == "NotSpecified":
        del whole["code"]
    if state.program.nodes[name].branches:
        whole.pop("inputs", None)
    return {shown: whole[key] for key, shown in _ORDER if key in whole}


def result(state: RunState, loops: tuple[str, ...], repetition: str, scope: str) -> list[Record]:
    """`result('Scope')`: the records of the direct children of a finished block, skipped ones too."""
    node = state.program.find(scope)
    if node is None or not node.branches or seen(state, node, loops, repetition) is None:
        raise ExpressionError(
            f"The template language function 'result' cannot be evaluated for '{scope}': "
            "it is not a scope action that has finished."
        )
    shared = sum(1 for _ in _common(node.loops, loops))
    base = shortened(repetition, shared)
    children = (state.program.nodes[child] for child in node.children)
    if node.type in {"Foreach", "Until"}:
        return [entry for child in children if (entry := looped(state, child, base, node.type)) is not None]
    records = ((child.name, state.record(child.name, base)) for child in children)
    return [public(state, name, record) for name, record in records if record]


def looped(state: RunState, child: Node, base: str, loop: str) -> Record | None:
    """A child of a loop as `result()` shows it: one entry with the records of the iterations, or the last one."""
    records = repetitions(state.data, child.name, base)
    if not records:
        return None
    if loop == "Until":
        return {**public(state, child.name, records[-1]), "repetitionCount": len(records)}
    return {
        "name": child.name,
        "outputs": [public(state, child.name, record) for record in records],
        "code": "NotSpecified",
        "status": aggregate(records),
        "repetitionCount": len(records),
    }


def repetitions(data: RunData, name: str, base: str) -> list[Record]:
    """The finished records of an action below the repetition `base`, in the order of their indexes."""
    found = data["actions"].get(name, {})
    prefix = f"{base}-" if base else ""
    keys = sorted(key for key in found if key != base and key.startswith(prefix))
    return [found[key] for key in keys if found[key]["status"] in FINAL]


def aggregate(records: list[Record]) -> str:
    """One status for all repetitions of an action: the worst."""
    return worst({record["status"] for record in records})


def worst(statuses: Collection[str]) -> str:
    """The status that stands for several."""
    order = ("Running", "Waiting", "Failed", "TimedOut", "Cancelled", "Succeeded", "Skipped")
    return next((status for status in order if status in statuses), "Skipped")


def _summary(state: RunState, node: Node, base: str) -> Record | None:
    if (skipped := state.record(node.name, base)) and skipped["status"] in FINAL:
        return public(state, node.name, skipped)
    records = repetitions(state.data, node.name, base)
    if not records:
        return None
    if state.program.nodes[node.loops[-1]].type == "Until":
        return public(state, node.name, records[-1])
    outputs = [record.get("outputs") for record in records]
    return {"name": node.name, "outputs": outputs, "status": aggregate(records)}


def _common(first: tuple[str, ...], second: tuple[str, ...]) -> Iterator[str]:
    for one, other in zip(first, second, strict=False):
        if one != other:
            return
        yield one


def _loops(data: RunData, loops: tuple[str, ...], repetition: str) -> tuple[dict[str, Any], dict[str, int]]:
    """The current item of every Foreach around, and the index of every Until."""
    items, positions = {}, {}
    for depth, (name, index) in enumerate(zip(loops, indexes(repetition), strict=True)):
        if name in data["items"]:
            items[name] = data["items"][name][shortened(repetition, depth)]["items"][index]
        else:
            positions[name] = index
    return items, positions
