"""Conversions: int, float, decimal, bool, isInt, isFloat, string, json, array, createArray, utf8Length, utf16Length."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any, Final, NoReturn

from wdl import jsontext, utf16, xmljson
from wdl.cultures import find_culture
from wdl.dotnet.culture import NumberFormat
from wdl.errors import Fault
from wdl.numerals import decimal_of, fit_decimal, parse_decimal, parse_double, parse_int
from wdl.registry import Parameter, anything, function, of, string
from wdl.values import Value, content_of, to_text, type_name

_INVARIANT: Final = NumberFormat()


def not_convertible() -> NoReturn:
    """Raise the fault for a value of a kind that the function does not convert."""
    raise Fault(
        "The template language function '{name}' was invoked with a parameter that is not valid. "
        "The value cannot be converted to the target type."
    )


def one(subject: str, counted: str = "parameters") -> str:
    """The words for a wrong number of arguments of a function of one."""
    return f"expects one parameter: {subject}. The function was invoked with '{{count}}' {counted}."


def text_parameter(usage: str) -> Parameter:
    """The only parameter, a string; `usage` is the anchor of the page."""
    return string("its parameter to be a string", usage=usage)


# --- numbers and booleans ---------------------------------------------------------------------------------------


@function("int", anything(), arity=one("the value that is to be converted to an integer"), usage="int")
def int_(value: Value) -> int:
    """The value as an integer; a text may have a decimal point and no fraction."""
    number = _double(value, _INVARIANT)
    if number is None or math.isinf(number) or abs(number) > 2**63 or number == 2**63:
        not_convertible()
    if math.isnan(number):
        return -(2**63)  # what the engine gives, as .NET casts it
    if number != math.floor(number):
        not_convertible()
    return int(number)


def _double(value: Any, culture: NumberFormat) -> float | None:
    if type(value) is str:
        return parse_double(value, culture)
    try:
        return float(value) if type(value) in (int, float, bool, Decimal) else None
    except OverflowError:
        return None


@function(
    "float",
    anything(),
    of(None, optional=True),
    arity=one("the value that is to be converted to a floating point number"),
    usage="float",
)
def float_(value: Value, locale: Value = "") -> float:
    """The value as a double; a text is read with the signs of the locale."""
    culture = find_culture(locale) if isinstance(locale, str) else None
    number = _double(value, culture.numbers) if culture is not None else None
    if number is None:
        not_convertible()
    return number


@function("decimal", anything(), arity=one("the value that is to be converted to a decimal number"), usage="decimal")
def decimal(value: Any) -> Decimal:
    """The value as a decimal, which keeps its trailing zeros."""
    if type(value) is str:
        number = parse_decimal(value, _INVARIANT)
        if number is None:
            raise Fault(
                "The template language 'decimal' function was invoked with a parameter that is not a valid decimal, "
                "'{value}'. The value cannot be converted to the target type.",
                usage="decimal",
                value=value,
            )
        return number
    exact = _exact(value)
    if exact is None:
        not_convertible()
    return exact


def _exact(value: Any) -> Decimal | None:
    if type(value) is float:
        return fit_decimal(decimal_of(value)) if math.isfinite(value) else None
    return fit_decimal(Decimal(value)) if type(value) in (int, bool, Decimal) else None


@function("bool", anything(), arity=one("the value that is to be converted to a boolean"), usage="bool")
def bool_(value: Any) -> bool:
    """The value as a boolean: `true`, `false` in any case, or a number that is not 0."""
    if type(value) in (bool, int, float, Decimal):
        return bool(value)
    words = {"true": True, "false": False}
    found = words.get(value.strip().lower()) if type(value) is str else None
    if found is None:
        not_convertible()
    return found


@function(
    "isInt",
    string("its first parameter 'string' to be a string", usage="isInt"),
    arity="expects one parameter, a string which may contain an integer. "
    "The function was invoked with '{count}' parameter(s).",
    usage="isInt",
)
def is_int(text: str) -> bool:
    """Whether a text is an integer."""
    return parse_int(text) is not None


@function(
    "isFloat",
    string("its first parameter 'string' to be a string", usage="substring"),
    string("its second parameter to be of type string", optional=True),
    arity="expects a string to parse as the first parameter, and an optional RFC4646 culture-identifier string as the "
    "second parameter. The function was invoked with '{count}' parameter(s).",
    usage="isFloat",
)
def is_float(text: str, locale: str = "") -> bool:
    """Whether a text is a number with the signs of the locale."""
    culture = find_culture(locale)
    return culture is not None and parse_double(text, culture.numbers) is not None


# --- text, JSON, arrays -----------------------------------------------------------------------------------------


@function(
    "string",
    anything(),
    arity=one("the value that is to be converted to a string"),
    usage="string",
    grows=True,
)
def string_(value: Value) -> str:
    """The value as text; objects and arrays as JSON."""
    return to_text(value)


@function(
    "json",
    of((str, dict), "its parameter to be a string or an XML"),
    arity=one("the string or XML to be parsed", "parameter(s)"),
    usage="json",
)
def json(value: Any) -> Value:
    """The value that a JSON text holds, or the JSON for an XML document."""
    content = content_of(value)
    if type(value) is dict and content is None:
        raise _no_json(value)
    try:
        if content is None:
            return jsontext.parse(value)
        return xmljson.parse(content) if "xml" in str(value["$content-type"]) else jsontext.parse(to_text(value))
    except (jsontext.JsonTextError, xmljson.XmlTextError) as error:
        raise Fault(
            "The template language function '{name}' parameter is not valid. "
            "The provided value '{value}' cannot be parsed: '{problem}'.",
            usage="json",
            value=to_text(value),
            problem=error,
        ) from None


def _no_json(value: Value) -> Fault:
    return Fault(
        "The template language function '{name}' expects its parameter to be a string or an XML. "
        "The provided value is of type '{kind}'.",
        usage="json",
        kind=type_name(value),
    )


@function("array", anything(), arity=one("the value that is to be converted to an array"), usage="array")
def array(value: Any) -> list[Any]:
    """An array as it is, anything else as the only item of one."""
    return value if type(value) is list else [value]


@function(
    "createArray",
    anything(rest=True),
    arity="expects a comma separated list of parameters. The function was invoked with no parameters.",
    usage="createArray",
)
def create_array(*values: Value) -> list[Any]:
    """An array of the arguments."""
    return list(values)


@function("utf8Length", text_parameter("utf8Length"), usage="utf8Length")
def utf8_length(text: str) -> int:
    """The number of bytes of a text in UTF-8."""
    return len(utf16.encode(text))


@function("utf16Length", text_parameter("utf16Length"), usage="utf16Length")
def utf16_length(text: str) -> int:
    """The number of bytes of a text in UTF-16."""
    return 2 * utf16.length(text)
