"""Helpers of the tests of the language."""

from __future__ import annotations

from typing import Any

import pytest

from wdl.context import Context
from wdl.errors import ExpressionError
from wdl.template import compile_template
from wdl.values import dumps


def json_of(expression: str, context: Context | None = None) -> str:
    """The value of a template as JSON text."""
    return dumps(evaluate(expression, context))


def evaluate(template: Any, context: Context | None = None) -> Any:
    """The value of a template."""
    return compile_template(template).evaluate(context or Context())


def message_of(template: Any, context: Context | None = None) -> str:
    """The message of the error that a template gives."""
    with pytest.raises(ExpressionError) as caught:
        evaluate(template, context)
    return caught.value.message
