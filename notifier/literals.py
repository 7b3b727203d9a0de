"""Plain text inside a workflow definition, where `@` begins an expression."""

from __future__ import annotations


def literal(text: str) -> str:
    """`text` so that Logic Apps takes it as it is.

    An `@` at the start is doubled, and the rest of such a text is no template any more; elsewhere `@{` becomes `@@{`.

    >>> literal("@all: 5 leads")
    '@@all: 5 leads'
    >>> literal("Leads @{now}")
    'Leads @@{now}'

    Source: Workflow Definition Language, "Expressions" (escaping of `@`).
    """
    return f"@{text}" if text.startswith("@") else text.replace("@{", "@@{")
