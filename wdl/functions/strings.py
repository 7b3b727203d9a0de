"""String functions: concat, substring, slice, replace, guid, toLower, indexOf, split, trim, …"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any, Final

from wdl import search, utf16
from wdl.casing import lower, upper
from wdl.context import Context
from wdl.errors import Fault
from wdl.limits import MAX_TEXT
from wdl.registry import Parameter, anything, function, integer, invalid_parameters, string, too_long
from wdl.values import Value, int32, to_text, type_name

_ABSENT: Final[Any] = object()
_NO_LENGTH: Final = (
    "The template language function '{name}' expects its third parameter 'length' to be an integer. "
    "The provided value is of type '{kind}'."
)
_WHITE: Final = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)


@function(
    "concat",
    anything(rest=True),
    arity="expects a comma separated list of string and integer parameters. The function was invoked with no "
    "parameters.",
    usage="concat",
)
def concat(*values: Value) -> str:
    """The texts of all values, one after the other; null is empty."""
    texts = [to_text(value) for value in values]
    if sum(map(len, texts)) > MAX_TEXT:
        raise too_long("concat")
    return "".join(texts)


@function(
    "substring",
    string("its first parameter 'string' to be a string"),
    integer("its second parameter 'start index' to be an integer"),
    anything(optional=True),
    arity="expects two parameters: the 'string' to take a section from as the first parameter, the 'start index' as "
    "the second parameter. The function was invoked with '{count}' parameter(s).",
    usage="substring",
)
def substring(text: str, start: int, length: Value = _ABSENT) -> str:
    """The part from `start` on, to the end or `length` characters long; it must lie inside the text."""
    start, whole = int32(start), utf16.length(text)
    if not 0 <= start < whole:
        raise Fault(
            "The template language function '{name}' parameter is out of range: 'start index' must be non-negative "
            "integer and should be less than the length of the string.",
            usage="substring",
        )
    if length is _ABSENT:
        return utf16.cut(text, start, None)
    # Azure looks at the kind of the length only now.
    if type(length) is not int:
        raise Fault(_NO_LENGTH, usage="substring", kind=type_name(length))
    end = start + int32(length)
    if not start <= end <= whole:
        raise Fault(
            "The template language function '{name}' parameters are out of range: 'start index' and 'length' must be "
            "non-negative integers and their sum must be no larger than the length of the string.",
            usage="substring",
        )
    return utf16.cut(text, start, end)


@function(
    "slice",
    string("its first parameter to be of type string"),
    integer("its second parameter to be an integer"),
    # "second" is Azure's word for the third.
    integer("its second parameter to be an integer", optional=True),
    arity="expects two parameters, with an optional third parameter. It expects the source string as the first "
    "parameter, the start index as a second parameter, and an optional third parameter specifying the end index of the "
    "substring. The function was invoked with '{count}' parameter(s).",
    usage="slice",
)
def slice_(text: str, start: int, end: int | None = None) -> str:
    """The part from `start` up to `end`; negative numbers count from the end, what lies outside is cut off."""
    whole = utf16.length(text)
    first = _offset(start, whole)
    last = whole if end is None else _offset(end, whole)
    return utf16.cut(text, first, last) if first < last else ""


def _offset(index: int, whole: int) -> int:
    index = int32(index)
    return max(0, index + whole) if index < 0 else min(index, whole)


@function(
    "replace",
    string("its first parameter 'string' to be a string"),
    string("its second parameter 'old string' to be a string"),
    string("its third parameter 'new string' to be a string"),
    arity="expects three string parameters: the string to replace characters inside of as the first parameter, the "
    "string that will be replaced by the new string as the second parameter, and the new string as the third "
    "parameter. The function was invoked with '{count}' parameter(s).",
    usage="replace",
    grows=True,
)
def replace(text: str, old: str, new: str) -> str:
    """The text with every `old` (exact case) made `new`."""
    if not text:
        return text
    if not old:
        raise Fault("String cannot be of zero length. (Parameter 'oldValue')")
    if len(new) > len(old) and len(text) + text.count(old) * (len(new) - len(old)) > MAX_TEXT:
        raise too_long("replace")
    return text.replace(old, new)


@function(
    "guid",
    string("its parameter to be a string", optional=True),
    arity="can be invoked with no parameters or with an optional format parameter. "
    "The function was invoked with '{count}' parameter(s).",
    usage="guid",
    needs_context=True,
)
def guid(context: Context, style: str = "D") -> str:
    """A new GUID in one of .NET's formats N, D, B, P or X."""
    number = uuid.UUID(int=context.random.getrandbits(128), version=4)
    shapes = {"": str(number), "D": str(number), "N": number.hex, "B": f"{{{number}}}", "P": f"({number})"}
    if style.upper() in shapes:
        return shapes[style.upper()]
    if style.upper() == "X":
        return _hexadecimal(number)
    raise Fault(
        "The template language function '{name}' expects its parameter to be a format specifier: "
        "'N', 'D', 'B', 'P' or 'X'. The provided value is '{style}'.",
        usage="guid",
        style=style,
    )


def _hexadecimal(number: uuid.UUID) -> str:
    data1, data2, data3 = number.fields[:3]
    last = ",".join(f"0x{byte:02x}" for byte in number.bytes[8:])
    return f"{{0x{data1:08x},0x{data2:04x},0x{data3:04x},{{{last}}}}}"


def _casing(name: str, change: Callable[[str], str], case: str) -> None:
    function(
        name,
        string("its parameter to be a string"),
        arity=f"expects one parameter: the string to convert to {case} casing. "
        "The function was invoked with '{count}' parameters.",
        usage=name,
    )(change)


_casing("toLower", lower, "lower")
_casing("toUpper", upper, "upper")


def _both_strings(page: str) -> tuple[Parameter, Parameter]:
    return (
        string("its first parameter to be of type string", usage=page),
        string("its second parameter to be of type string", usage=page),
    )


def _two(second: str) -> str:
    return (
        f"expects two parameters: the string as the first parameter, the value to {second} as the second parameter. "
        "The function was invoked with '{count}' parameter(s)."
    )


@function("indexOf", *_both_strings("indexof"), arity=_two("find the index of"), usage="indexof")
def index_of(text: str, part: str) -> int:
    """The first offset of a part in any case, or -1."""
    return utf16.unit_offset(text, search.find(text, part))


@function("lastIndexOf", *_both_strings("lastindexof"), arity=_two("find the last index of"), usage="lastindexof")
def last_index_of(text: str, part: str) -> int:
    """The last offset of a part in any case, or -1; that of the last character when the part is empty."""
    if not part:
        return max(utf16.length(text) - 1, 0)
    return utf16.unit_offset(text, search.find_last(text, part))


@function(
    "nthIndexOf",
    *_both_strings("nthindexof"),
    integer("its third parameter to be an integer"),
    arity="expects three parameters: the string as the first parameter, the value to find the index of as the second "
    "parameter and a number parameter to specify which occurrence of the text to find as the third parameter. "
    "The function was invoked with '{count}' parameter(s).",
    usage="nthindexof",
)
def nth_index_of(text: str, part: str, occurrence: int) -> int:
    """The offset of the n-th occurrence of a part in any case, from the end when n is negative; -1 for none."""
    occurrence = int32(occurrence)
    if not part:
        return 0
    if occurrence == 0:
        raise Fault(
            "The template language function '{name}' expects its third parameter to be a non-zero integer. "
            "The provided value is '0'.",
            usage="nthindexof",
        )
    return utf16.unit_offset(text, search.find_nth(text, part, occurrence))


@function("startsWith", *_both_strings("startswith"), arity=_two("check"), usage="startswith")
def starts_with(text: str, part: str) -> bool:
    """Whether the text starts with a part in any case."""
    return search.starts(text, part)


@function("endsWith", *_both_strings("endswith"), arity=_two("check"), usage="endswith")
def ends_with(text: str, part: str) -> bool:
    """Whether the text ends with a part in any case."""
    return search.ends(text, part)


@function(
    "split",
    *_both_strings("split"),
    arity="expects two parameters: the string to split as the first parameter, the separator as the second parameter. "
    "The function was invoked with '{count}' parameter(s).",
    usage="split",
)
def split(text: str, separator: str) -> list[str]:
    """The parts between separators; an empty separator is found nowhere."""
    return text.split(separator) if separator else [text]


@function("trim", string("", check=invalid_parameters), arity="must have only one parameter.")
def trim(text: str) -> str:
    """The text without white space at its ends."""
    return text.strip(_WHITE)


@function("trimByteOrderMark", string("its parameter to be a string"), usage="trimByteOrderMark")
def trim_byte_order_mark(text: str) -> str:
    """The text without a byte order mark at its start."""
    return text.removeprefix("\ufeff")
