"""What kind of value an expression gives, as far as its text tells."""

from __future__ import annotations

from typing import Any

from wdl.definition.vocabulary import words
from wdl.errors import ExpressionError
from wdl.syntax import Literal, Node, parse
from wdl.template import is_expression
from wdl.values import type_name

_RESULTS = {
    "Integer": words(
        """
        length indexOf nthIndexOf lastIndexOf int ticks dayOfWeek dayOfMonth dayOfYear rand iterationIndexes
        utf8Length utf16Length uriPort
        """
    ),
    "Number": words("float decimal add sub mul div mod min max"),
    "Boolean": words(
        """
        equals and or not less lessOrEquals greater greaterOrEquals empty contains startsWith endsWith bool
        isInt isFloat
        """
    ),
    "String": words(
        """
        concat substring slice replace guid toLower toUpper trim formatNumber string base64 base64ToString dataUri
        dataUriToString decodeBase64 decodeDataUri uriComponent uriComponentToString encodeUriComponent
        decodeUriComponent utcNow getFutureTime getPastTime addToTime subtractFromTime addSeconds addMinutes addHours
        addDays convertTimeZone convertToUtc convertFromUtc formatDateTime parseDateTime startOfHour startOfDay
        startOfMonth dateDifference uriHost uriPath uriPathAndQuery uriScheme uriQuery join listCallbackUrl
        """
    ),
    "Array": words("split createArray array range chunk sort result"),
    "Object": words("addProperty setProperty removeProperty mergeObjects workflow"),
}
_RESULT_OF = {name.lower(): kind for kind, names in _RESULTS.items() for name in names}


def kind_of_node(node: Node) -> str | None:
    """The kind an expression's tree gives, None when that depends on the run."""
    if isinstance(node, Literal):
        return type_name(node.value)
    return None if node.accesses else _RESULT_OF.get(node.name.lower())


def kind_of_value(value: Any) -> str | None:
    """The kind a template gives: its own for a literal, String for text around `@{}`, else that of the expression."""
    if not isinstance(value, str) or not is_expression(value):
        return type_name(value) if isinstance(value, (str, int, float, list, dict)) or value is None else None
    try:
        return kind_of_node(parse(value[1:]))
    except ExpressionError:
        return None


def comparable(left: str | None, right: str | None) -> bool:
    """Whether values of these kinds can be ordered, or can be equal; unknown kinds can."""
    return left is None or right is None or left == right or {left, right} <= {"Integer", "Float", "Number"}
