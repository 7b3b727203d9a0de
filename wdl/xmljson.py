"""XML as JSON, by Newtonsoft's rules: `@name` for attributes, `#text` beside them, arrays for repeated elements."""

from __future__ import annotations

from typing import Any, Final

from lxml import etree

from wdl.values import Value

MAX_DEPTH: Final = 128


class XmlTextError(ValueError):
    """Bytes are not XML that is read here."""


def parse(content: bytes) -> Value:
    """The JSON object for an XML document. No entity, file or address is looked up. Raises `XmlTextError`."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_blank_text=False)
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise XmlTextError(str(error)) from None
    document: dict[str, Any] = {}
    declaration = _declaration(content, root)
    if declaration:
        document["?xml"] = declaration
    document[_name(root)] = _element(root, 0)
    return document


def _declaration(content: bytes, root: Any) -> dict[str, str]:
    if not content.lstrip().startswith(b"<?xml"):
        return {}
    info = root.getroottree().docinfo
    shown = {"@version": info.xml_version, "@encoding": info.encoding if b"encoding" in content[:100] else None}
    return {name: value for name, value in shown.items() if value}


def _name(node: Any) -> str:
    local = etree.QName(node).localname
    return f"{node.prefix}:{local}" if node.prefix else local


def _element(node: Any, depth: int) -> Value:
    if depth > MAX_DEPTH:
        raise XmlTextError("The document is nested too deeply.")
    members = _attributes(node)
    grouped: dict[str, list[Value]] = {}
    for name, value in _children(node, depth):
        grouped.setdefault(name, []).append(value)
    members.update({name: values[0] if len(values) == 1 else values for name, values in grouped.items()})
    if not members:
        return "" if node.text is not None else None
    return members["#text"] if list(members) == ["#text"] and isinstance(members["#text"], str) else members


def _attributes(node: Any) -> dict[str, Any]:
    parent = node.getparent()
    outer = parent.nsmap if parent is not None else {}
    members = {
        f"@xmlns:{prefix}" if prefix else "@xmlns": uri
        for prefix, uri in node.nsmap.items()
        if outer.get(prefix) != uri
    }
    prefixes = {uri: prefix for prefix, uri in node.nsmap.items() if prefix}
    for key, value in node.attrib.items():
        qualified = etree.QName(key)
        prefix = "xml" if qualified.namespace == _XML else prefixes.get(qualified.namespace or "")
        members[f"@{prefix}:{qualified.localname}" if prefix else f"@{qualified.localname}"] = value
    return members


_XML: Final = "http://www.w3.org/XML/1998/namespace"


def _children(node: Any, depth: int) -> list[tuple[str, Value]]:
    """Names and values of what stands in an element, blank text beside elements left out."""
    found: list[tuple[str, Value]] = []
    has_elements = any(isinstance(child.tag, str) for child in node)
    texts = [node.text]
    for child in node:
        if isinstance(child.tag, str):
            found.append((_name(child), _element(child, depth + 1)))
        texts.append(child.tail)
    texts = [text for text in texts if text and (not has_elements or text.strip())]
    return found + [("#text", text) for text in texts]
