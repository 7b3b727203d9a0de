"""Refresh: which inputs an outside change to a resource amounts to.

Inputs cannot be read from Azure, only outputs. What differs between the outputs of then and now, seen in the shape of
inputs, is applied to the inputs of then; so defaults of the service stay out and real changes come in.
Source: azure-native `Read` and `applyDiff`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from localazure.pulumi_provider.values import Json, same


def apply_changes(inputs: Json, before: Json, after: Json) -> Json:
    """The inputs with everything that changed from `before` to `after` (both in the shape of inputs)."""
    result = {name: value for name, value in inputs.items() if name not in before or name in after}
    for name, value in after.items():
        if name not in before or name not in inputs:
            if name not in before or not same(before[name], value):
                result[name] = value
        elif not same(before[name], value):
            result[name] = _applied(inputs[name], before[name], value)
    return result


def without_restored_defaults(outputs: Json, inputs: Json, defaults: Mapping[str, Any]) -> Json:
    """Old outputs without those properties that were only reset to their default by the provider."""
    reset = {name for name, value in defaults.items() if name in inputs and same(outputs.get(name), value)}
    return {name: value for name, value in outputs.items() if name not in reset}


def _applied(base: Any, before: Any, after: Any) -> Any:
    if isinstance(base, dict) and isinstance(before, dict) and isinstance(after, dict):
        return apply_changes(base, before, after)
    if isinstance(base, list) and isinstance(before, list) and isinstance(after, list):
        known = min(len(base), len(before))
        return [_applied(base[i], before[i], item) if i < known else item for i, item in enumerate(after)]
    return after
