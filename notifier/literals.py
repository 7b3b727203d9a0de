"""Plain text inside a workflow definition, where `@` begins an expression."""

from __future__ import annotations


def literal(text: str) -> str:
    """`text` so that Logic Apps takes it as it is: `@{` becomes `@@{` and a leading `@` becomes `@@`.

    >>> literal("@all: 5 leads @{now}")
    '@@all: 5 leads @@{now}'

    Source: Workflow Definition Language, "Expressions" (escaping of `@`).
    """
    escaped = text.replace("@{", "@@{")
    return f"@{escaped}" if escaped.startswith("@") and not escaped.startswith("@@{") else escaped
