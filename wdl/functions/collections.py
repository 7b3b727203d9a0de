"""Functions of arrays, objects and strings as collections: contains, length, first, take, union, sort, join, …"""

from __future__ import annotations

from collections.abc import Callable
from functools import cmp_to_key
from typing import Any, Final

from wdl import utf16
from wdl.equality import key, same
from wdl.errors import Fault
from wdl.limits import MAX_TEXT
from wdl.ordering import compare_tokens, ordinal
from wdl.registry import anything, array, function, integer, of, string, too_long
from wdl.values import Value, int32, to_text, type_name

_SEQUENCE: Final = (list, str)


@function(
    "contains",
    of(
        (dict, list, str),
        "its first argument 'collection' to be a dictionary (object), an array or a string",
        usage=None,
    ),
    anything(),
    arity="expects two parameters : the collection of items to search within and the object to find within the "
    "collection. The function was invoked with '{count}' parameter(s).",
    usage="contains",
)
def contains(collection: Any, item: Value) -> bool:
    """Whether an object has a key (in any case), an array an item (kinds must match), a string a part (exact case)."""
    if type(collection) is list:
        return any(same(member, item) for member in collection)
    if type(item) is not str:
        raise Fault(
            "The template language function '{name}' expects parameters of matching types: a dictionary and a key "
            "(string), an array and a value (object), or a string and a substring. "
            "The provided types '{left}' and '{right}' are incompatible.",
            usage="contains",
            left=type_name(collection),
            right=type_name(item),
        )
    if type(collection) is str:
        return item in collection
    return item in collection or item.lower() in map(str.lower, collection)


@function(
    "length",
    of(_SEQUENCE, "its parameter to be an array or a string"),
    arity="expects one parameter: an array or a string the length of which is returned. "
    "The function was invoked with '{count}' parameters.",
    usage="length",
)
def length(collection: list[Any] | str) -> int:
    """The number of items, or of UTF-16 units."""
    return utf16.length(collection) if isinstance(collection, str) else len(collection)


@function(
    "empty",
    of((dict, list, str, type(None)), "its parameter to be an object, an array or a string"),
    arity="expects one parameter: the object, array or string to test for emptiness. "
    "The function was invoked with '{count}' parameter(s).",
    usage="empty",
)
def empty(collection: Any) -> bool:
    """Whether nothing is in it; null is empty."""
    return not collection


@function(
    "reverse",
    array("its first parameter to be of type array"),
    arity="expects an array as the first parameter. The function was invoked with '{count}' parameter(s).",
    usage="reverse",
)
def reverse(items: list[Any]) -> list[Any]:
    """The items in the opposite order."""
    return items[::-1]


def _end(name: str, purpose: str, of_array: Callable[[list[Any]], Value], of_text: Callable[[str], str]) -> None:
    @function(
        name,
        of(_SEQUENCE, "its parameter be an array or a string"),
        arity=f"expects one parameter: the array or string of which the {name} element will be returned. "
        "The function was invoked with '{count}' parameter(s).",
        usage=name,
    )
    def end(collection: list[Any] | str) -> Value:
        if not collection:
            return None if isinstance(collection, list) else ""
        return of_text(collection) if isinstance(collection, str) else of_array(collection)

    end.__doc__ = purpose


def _of_collection(verb: str) -> str:
    return (
        f"expects two parameters: the collection to {verb} the objects from as the first parameter and the count of "
        f"objects to {verb} as the second parameter. The function was invoked with '{{count}}' parameter(s)."
    )


_end(
    "first",
    "The first item or character; null for an empty array.",
    lambda items: items[0],
    lambda text: utf16.cut(text, 0, 1),
)
_end(
    "last",
    "The last item or character; null for an empty array.",
    lambda items: items[-1],
    lambda text: utf16.cut(text, utf16.length(text) - 1, None),
)


@function(
    "take",
    of(_SEQUENCE, "its first parameter 'collection' to be an array or a string"),
    integer("its second parameter 'count' to be an integer"),
    arity=_of_collection("take"),
    usage="take",
)
def take(collection: Any, count: int) -> Value:
    """The first `count` items or characters."""
    count = int32(count)
    if count < 0:
        raise _negative_count(count, "take", "valus")
    return utf16.cut(collection, 0, count) if type(collection) is str else collection[:count]


@function(
    "skip",
    of(_SEQUENCE, "its first parameter 'collection' to be an array or a string"),
    integer("its second parameter 'count' to be an integer"),
    arity=_of_collection("skip"),
    usage="skip",
)
def skip(collection: Any, count: int) -> Value:
    """What follows the first `count` items or characters."""
    count = int32(count)
    if count < 0:
        raise _negative_count(count, "skip", "value")
    return utf16.cut(collection, count, None) if type(collection) is str else collection[count:]


def _negative_count(count: int, page: str, value: str) -> Fault:
    # "valus" is Azure's spelling.
    return Fault(
        "The template language function '{name}' parameters are out of range: 'count' must be a positive integer. "
        "The provided {value} is '{count}'.",
        usage=page,
        value=value,
        count=count,
    )


@function(
    "join",
    array("its first parameter to be an array"),
    string("its second parameter to be of type string"),
    arity="expects two parameters: the array of elements to join as the first parameter, and the element separator as "
    "the second parameter. The function was invoked with '{count}' parameter(s).",
    usage="join",
)
def join(items: list[Any], separator: str) -> str:
    """The texts of all items with the separator between them."""
    texts = [to_text(item) for item in items]
    if sum(map(len, texts)) + len(separator) * len(texts) > MAX_TEXT:
        raise too_long("join")
    return separator.join(texts)


@function(
    "chunk",
    of(_SEQUENCE, "its first parameter to be of type string or array"),
    integer("its second parameter to be of type integer"),
    arity="expects two parameters: the string to chunk as the first parameter, the chunk length as the second "
    "parameter. The function was invoked with '{count}' parameter(s).",
    usage="chunk",
)
def chunk(collection: Any, size: int) -> list[Any]:
    """The collection in pieces of `size` items or characters."""
    size = int32(size)
    if size < 1:
        raise Fault(
            "The template language function '{name}' expects chunk size to be a positive integer. "
            "The provided value is less than 1.",
            usage="chunk",
        )
    if type(collection) is str:
        return utf16.pieces(collection, size)
    return [collection[start : start + size] for start in range(0, len(collection), size)]


@function(
    "sort",
    array("its first parameter to be of type array"),
    string("its second parameter to be of type string", optional=True),
    arity="expects an array as the first parameter and an optional object key as the second parameter. "
    "The function was invoked with '{count}' parameter(s).",
    usage="sort",
)
def sort(items: list[Any], field: str | None = None) -> list[Any]:
    """The items in order, or objects ordered by one of their properties."""
    values = items if field is None else [_field(item, field) for item in items]
    kinds = set(map(type, values))
    if kinds <= {str}:
        return _sorted_by(values, items, ordinal)
    if kinds == {int}:
        return _sorted_by(values, items, lambda value: value)
    try:
        return _sorted_by(values, items, cmp_to_key(compare_tokens))
    except ValueError:
        raise Fault("Failed to compare two elements in the array.") from None


def _sorted_by(values: list[Any], items: list[Any], by: Callable[[Any], Any]) -> list[Any]:
    keyed = sorted(zip(values, items, strict=True), key=lambda pair: by(pair[0]))
    return [item for _, item in keyed]


def _field(item: Any, field: str) -> Value:
    if type(item) is dict:
        if field in item:
            return item[field]  # type: ignore[no-any-return]
        for name, value in item.items():
            if name.lower() == field.lower():
                return value  # type: ignore[no-any-return]
    raise Fault(
        "The template language function '{name}' did not find the named sortField '{field}' on one or more objects "
        "in the array.",
        usage="sort",
        field=field,
    )


def _either(values: tuple[Value, ...], page: str) -> None:
    """Check that all arguments are arrays, or all objects."""
    expected = (
        "The template language function '{name}' expects either a comma separated list of arrays or a comma separated "
        "list of objects as its parameters. The function was invoked with "
    )
    if len(values) < 2:
        raise Fault(expected + "'{count}' parameter(s).", usage=page, count=len(values))
    kinds = list(dict.fromkeys(type_name(value) for value in values))
    if len(kinds) > 1:
        message = (
            "Template language function '{name}' expects parameters of same type, but found '{kinds}' distinct types."
        )
        raise Fault(message, kinds=",".join(kinds))
    if type(values[0]) not in (list, dict):
        raise Fault(expected + "parameters of type '{kind}'.", usage=page, kind=kinds[0])


@function("union", anything(optional=True, rest=True), usage="union")
def union(*values: Any) -> Value:
    """All different items of arrays, or all properties of objects (the later value stays)."""
    _either(values, "union")
    if type(values[0]) is list:
        found: dict[Any, Any] = {}
        for items in values:
            for item in items:
                found.setdefault(key(item), item)
        return list(found.values())
    return {name: value for members in values for name, value in members.items()}


@function("intersection", anything(optional=True, rest=True), usage="intersection")
def intersection(*values: Any) -> Value:
    """The items that all arrays have, or the properties that all objects have with the same value."""
    _either(values, "intersection")
    first, *others = values
    if type(first) is list:
        common = [{key(item) for item in items} for items in others]
        different = {key(item): item for item in first}
        return [item for name, item in different.items() if all(name in keys for keys in common)]
    return {
        name: value
        for name, value in first.items()
        if all(name in members and same(members[name], value) for members in others)
    }
