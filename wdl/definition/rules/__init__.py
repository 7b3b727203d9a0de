"""What Logic Apps refuses in a definition that can be read: one generator of refusals for each subject.

The template engine's come first, in its order; the service checks what the engine has accepted.
"""

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

_RULES = (structure, order, conditions, syntax, references)


def engine_refusals(definition: Definition, parameters: Mapping[str, Any]) -> Iterator[DefinitionError]:
    """What the template engine refuses, its first complaint first."""
    places = Places(definition.raw)
    return chain(parameter_values(definition, parameters, places), *(rule(definition, places) for rule in _RULES))


def service_refusals(definition: Definition) -> Iterator[DefinitionError]:
    """What the service refuses beyond it."""
    return service(definition, Places(definition.raw))
