"""Errors of the Workflow Definition Language, worded as Azure words them.

`ExpressionError` is all that leaves the language. `Fault` stays inside: a function raises it without knowing
under which spelling it was called; the caller adds the name (`wdl.expressions`).
"""

from __future__ import annotations

from typing import Final

USAGE: Final = " Please see https://aka.ms/logicexpressions{anchor} for usage details."


def usage_sentence(usage: str | None) -> str:
    """The closing sentence of most messages; `None` for none, `""` for the page without an anchor."""
    if usage is None:
        return ""
    return USAGE.format(anchor=f"#{usage}" if usage else "")


class ExpressionError(Exception):
    """An expression cannot be evaluated; `message` is Azure's wording."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class ExpressionSyntaxError(ExpressionError):
    """A text is not a valid template; `position` is the offset of the fault in `text`, from 0."""

    def __init__(self, message: str, text: str, position: int) -> None:
        super().__init__(message)
        self.text = text
        self.position = position

    def moved(self, text: str, offset: int) -> ExpressionSyntaxError:
        """The same error seen from the enclosing `text`, in which the expression starts at `offset`."""
        return ExpressionSyntaxError(self.message, text, self.position + offset)


class Fault(Exception):  # noqa: N818 - never leaves the language, becomes an ExpressionError
    """What a function raises: `template` holds `{name}` for the function's name and fields for `values`."""

    def __init__(self, template: str, usage: str | None = None, **values: object) -> None:
        super().__init__(template)
        self.template = template
        self.usage = usage
        self.values = values

    def named(self, name: str) -> ExpressionError:
        """The error of a call written as `name`."""
        return ExpressionError(self.template.format(name=name, **self.values) + usage_sentence(self.usage))
