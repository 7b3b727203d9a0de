"""What the engine refuses in a definition it can read: one generator of refusals for each subject, in its order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

from wdl.definition.errors import DefinitionError
from wdl.definition.model import Definition
from wdl.definition.places import Places
from wdl.definition.rules.conditions import conditions, syntax
from wdl.definition.rules.order import order
from wdl.definition.rules.parameters import parameters as parameter_values
from wdl.definition.rules.references import references
from wdl.definition.rules.service import service
from wdl.definition.rules.structure import structure

_RULES = (structure, order, conditions, syntax, references, service)


def check_rules(definition: Definition, parameters: Mapping[str, Any]) -> Iterator[DefinitionError]:
    """Every refusal of a definition, the engine's first one first."""
    places = Places(definition.raw)
    return chain(parameter_values(definition, parameters, places), *(rule(definition, places) for rule in _RULES))
