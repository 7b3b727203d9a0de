"""XML as JSON and JSON as XML, by Newtonsoft's rules (`JsonConvert.SerializeXmlNode`, `DeserializeXmlNode`).

`@name` for attributes, `#text` for text beside other things, arrays for repeated elements and for such as ask for one
with the attribute `Array` of Newtonsoft's namespace, `?xml` for the declaration. What the rules lack here: the
properties `$id`, `$ref`, `$type` and `$value`.
"""

from __future__ import annotations

import math
import re
from decimal import Decimal
from typing import Any, Final

from wdl.numbertext import decimal_text, double_text
from wdl.values import Value
from wdl.xml_document import Comment, Document, Element, Instruction, Node, Text, XmlTextError, parse_xml
from wdl.xml_names import decode_name, encode_name

__all__ = ["XmlTextError", "parse", "to_document"]

_PSEUDO_ATTRIBUTE: Final = re.compile(r'(\w+)="([^"]*)"')
_PLAIN_PATH: Final = re.compile(r"[^.\s'/\"\[\]()\\]+")


_NEWTONSOFT: Final = "http://james.newtonking.com/projects/json"


def parse(content: bytes | str) -> Value:
    """The JSON object for an XML document. Raises `XmlTextError`."""
    return _grouped(parse_xml(content).children, frozenset())


def _grouped(children: list[Node], prefixes: frozenset[str]) -> dict[str, Any]:
    """`prefixes`: those of Newtonsoft's own namespace."""
    groups: dict[str, list[Value]] = {}
    arrays: set[str] = set()
    for node in children:
        if not isinstance(node, Comment):
            name = _property(node)
            values = groups.setdefault(name, [])
            values.append(_value(node, prefixes))
            if len(values) > 1 or (isinstance(node, Element) and _asks_for_array(node, prefixes)):
                arrays.add(name)
    return {name: values if name in arrays else values[0] for name, values in groups.items()}


def _prefixes(node: Element, around: frozenset[str]) -> frozenset[str]:
    found = around
    for name, uri in node.attributes.items():
        if name.startswith("xmlns:"):
            prefix = name.removeprefix("xmlns:")
            found = found | {prefix} if uri == _NEWTONSOFT else found - {prefix}
    return found


def _asks_for_array(node: Element, around: frozenset[str]) -> bool:
    prefixes = _prefixes(node, around)
    if not prefixes:
        return False
    asked = (value for name, value in node.attributes.items() if name in {f"{prefix}:Array" for prefix in prefixes})
    return any(value.strip() in ("true", "1") for value in asked)


def _property(node: Node) -> str:
    if isinstance(node, Element):
        prefix, colon, local = node.name.rpartition(":")
        return prefix + colon + decode_name(local)
    if isinstance(node, Text):
        return "#cdata-section" if node.cdata else "#text"
    return f"?{node.target}" if isinstance(node, Instruction) else "#comment"


def _value(node: Node, prefixes: frozenset[str]) -> Value:
    if isinstance(node, Element):
        return _element(node, _prefixes(node, prefixes))
    if isinstance(node, Instruction):
        return _instruction(node)
    return node.text


def _instruction(node: Instruction) -> Value:
    if node.target != "xml":
        return node.data
    return {f"@{name}": value for name, value in _PSEUDO_ATTRIBUTE.findall(node.data)}


def _element(node: Element, prefixes: frozenset[str]) -> Value:
    attributes = node.attributes
    if prefixes:
        # Newtonsoft's own attributes are not data; without them an element may be a mere text.
        own = [name for name, uri in attributes.items() if name.startswith("xmlns:") and uri == _NEWTONSOFT]
        own += [name for name in attributes if name.partition(":")[0] in prefixes]
        attributes = {name: value for name, value in attributes.items() if name not in own}
    only = node.children[0] if len(node.children) == 1 else None
    if not attributes and isinstance(only, Text) and not only.cdata:
        return only.text
    if not node.attributes and not node.children:
        return None if node.empty_tag else ""
    return {f"@{name}": value for name, value in attributes.items()} | _grouped(node.children, prefixes)


# JSON as XML


def to_document(value: dict[str, Any]) -> Document:
    """The document for a JSON object with one property. Raises `XmlTextError`."""
    document = Document()
    for name, member in value.items():
        if document.root is not None:
            raise XmlTextError(_AFTER_ROOT + f" Path '{_path('', name)}'.")
        if name.startswith("@"):
            raise XmlTextError(_ROOT_ATTRIBUTE.format(name=name) + f" Path '{_path('', name)}'.")
        _add_property(document.children, None, name, member, _path("", name))
        if sum(isinstance(child, Element) for child in document.children) > 1:
            raise XmlTextError("This document already has a 'DocumentElement' node.")
        if any(isinstance(child, Text) for child in document.children):
            raise XmlTextError(_NO_CHILD)
    return document


_AFTER_ROOT: Final = (
    "JSON root object has multiple properties. The root object must have a single property in order to create a valid "
    "XML document. Consider specifying a DeserializeRootElementName."
)
_ROOT_ATTRIBUTE: Final = (
    "JSON root object has property '{name}' that will be converted to an attribute. A root object cannot have any "
    "attribute properties. Consider specifying a DeserializeRootElementName."
)
_NO_CHILD: Final = (
    "The specified node cannot be inserted as the valid child of this node, because the specified node is the wrong "
    "type."
)
_EMPTY_NAME: Final = "XmlNodeConverter cannot convert JSON with an empty property name to XML."


def _path(parent: str, name: str) -> str:
    """A property's path as Newtonsoft writes it: `a.b`, `a['b c']`."""
    if _PLAIN_PATH.fullmatch(name):
        return f"{parent}.{name}" if parent else name
    escaped = name.replace("\\", "\\\\").replace("'", "\\'")
    return f"{parent}['{escaped}']"


def _add_property(children: list[Node], owner: Element | None, name: str, value: Value, path: str) -> None:
    if isinstance(value, list):
        for index, item in enumerate(value):
            _add_item(children, owner, name, item, f"{path}[{index}]")
    else:
        _add_value(children, owner, name, value, path)


def _add_item(children: list[Node], owner: Element | None, name: str, item: Value, path: str) -> None:
    if not isinstance(item, list):
        _add_value(children, owner, name, item, path)
        return
    # An array in an array becomes one more element of the same name around its items.
    wrapper = Element(_element_name(name, path))
    children.append(wrapper)
    for index, inner in enumerate(item):
        _add_item(wrapper.children, wrapper, name, inner, f"{path}[{index}]")


def _add_value(children: list[Node], owner: Element | None, name: str, value: Value, path: str) -> None:
    if name in ("#text", "#cdata-section", "#whitespace", "#significant-whitespace"):
        children.append(Text(_text(value, path) or "", name == "#cdata-section"))
    elif name.startswith("?"):
        children.append(Instruction(name[1:], _instruction_data(name, value, path)))
    elif name.startswith("@") and owner is not None:
        owner.attributes[encode_name(name[1:])] = _text(value, path) or ""
    else:
        element = Element(_element_name(name, path))
        children.append(element)
        _fill(element, value, path)


def _element_name(name: str, path: str) -> str:
    if not name:
        raise XmlTextError(f"{_EMPTY_NAME} Path '{path}'.")
    return encode_name(name)


def _fill(element: Element, value: Value, path: str) -> None:
    if isinstance(value, dict):
        for name, member in value.items():
            _add_property(element.children, element, name, member, _path(path, name))
        return
    text = _text(value, path)
    if text is not None:
        element.children.append(Text(text))
        element.empty_tag = False


def _instruction_data(name: str, value: Value, path: str) -> str:
    if name != "?xml" or not isinstance(value, dict):
        return _text(value, path) or ""
    parts = {key.lstrip("@"): _text(member, path) or "" for key, member in value.items()}
    return " ".join(f'{key}="{parts[key]}"' for key in ("version", "encoding", "standalone") if key in parts)


def _text(value: Value, path: str) -> str | None:
    if isinstance(value, (dict, list)):
        kind = "StartObject" if isinstance(value, dict) else "StartArray"
        raise XmlTextError(f"Cannot get an XML string value from token type '{kind}'. Path '{path}'.")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _double(value)
    if isinstance(value, Decimal):
        return decimal_text(value)
    return value if value is None or isinstance(value, str) else str(value)


def _double(value: float) -> str:
    if math.isinf(value):
        return "INF" if value > 0 else "-INF"
    return double_text(value)
