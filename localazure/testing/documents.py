"""The one workflow definition in a document that a test wants deployed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wdl.checker.documents import Part, parts


def definition_in(document: Mapping[str, Any]) -> Part:
    """The definition and the values of its parameters (`{"name": {"value": …}}`).

    What holds none is taken for a definition, for ARM to say what is wrong with it. TypeError for what is no object,
    ValueError for several definitions, and for a template whose values only a deployment knows.
    """
    if not isinstance(document, Mapping):
        raise TypeError(
            f"A workflow definition is an object, not {type(document).__name__}: "
            "json.loads(Path('workflow.json').read_text())"
        )
    found = list(parts(document))
    if len(found) > 1:
        places = ", ".join("$." + ".".join(map(str, part.path)) for part in found)
        raise ValueError(f"There are several workflow definitions: give one of {places}.")
    if found and found[0].open:
        places = ", ".join(sorted("$." + ".".join(map(str, path)) for path in found[0].open))
        raise ValueError(f"Only a deployment of the template knows {places}: put values there first.")
    return found[0] if found else Part((), dict(document), {})
