"""XPath 1.0 over XML documents, its results as .NET's `XPathNavigator` writes them.

libxml2 evaluates; it sees a copy of the document without types or entities, and no variables or extension functions
are given to it. Expressions whose cost could be beyond bounds are refused (`wdl.xpath_cost`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from lxml import etree

from wdl.limits import MAX_EXPRESSION, MAX_TEXT
from wdl.xml_document import Document, Element, Instruction, Node, Text, escape, markup, outer_xml, parse_xml, start_tag
from wdl.xpath_cost import MAX_COST, Size, cost

_CACHED_DOCUMENT: Final = 100_000


class XPathError(ValueError):
    """The expression is no XPath that is supported, or would take too long."""


@dataclass(frozen=True, slots=True)
class Tree:
    """A document ready to be asked: libxml2's root, our node for each of its elements, comments and instructions."""

    document: Document
    root: Any
    nodes: dict[Any, Node]
    size: Size


def evaluate(content: bytes, expression: str) -> bool | float | str | list[str | Markup]:
    """What an expression selects: a truth value, a number, a string, or a list with the markup of each node.

    Raises XPathError, and XmlTextError when the content is no XML.
    """
    tree = _cached_tree(content) if len(content) <= _CACHED_DOCUMENT else read_tree(content)
    compiled = _compiled(expression)
    if cost(expression, tree.size) > MAX_COST:
        raise XPathError(f"it would take too long on a document of {tree.size.nodes} nodes")
    try:
        found = compiled(tree.root)
    except etree.XPathError as error:
        raise XPathError(str(error)) from None
    if expression.strip() == "/":
        return [Markup(indented(tree.document))]
    if isinstance(found, list):
        return _bounded(_shown(item, tree) for item in found)
    return found if isinstance(found, (bool, float)) else str(found)


class Markup(str):
    """The markup of an element or document, where other nodes are plain strings."""

    __slots__ = ()


def _bounded(items: Iterator[str | Markup]) -> list[str | Markup]:
    shown: list[str | Markup] = []
    length = 0
    for item in items:
        length += len(item)
        if length > MAX_TEXT:
            raise XPathError(f"its result is longer than {MAX_TEXT} characters")
        shown.append(item)
    return shown


@lru_cache(maxsize=256)
def _compiled(expression: str) -> etree.XPath:
    if len(expression) > MAX_EXPRESSION:
        raise XPathError(f"it is longer than {MAX_EXPRESSION} characters")
    try:
        return etree.XPath(expression, regexp=False)
    except (etree.XPathError, ValueError) as error:
        raise XPathError(str(error)) from None


def read_tree(content: bytes) -> Tree:
    """The document and libxml2's copy of it."""
    document = parse_xml(content)
    root = document.root
    markup_text = outer_xml(root) if root else ""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True)
    parsed = etree.fromstring(markup_text.encode("utf-8", "replace"), parser)
    own = list(_walk(root)) if root else []
    size = _size(own, len(markup_text))
    return Tree(document, parsed, dict(zip(parsed.iter(), (node for node, _ in own), strict=True)), size)


_cached_tree = lru_cache(maxsize=32)(read_tree)


def _walk(node: Node, level: int = 1) -> Iterator[tuple[Node, int]]:
    """Elements, comments and instructions in document order, with their depth."""
    if not isinstance(node, Text):
        yield node, level
    for child in node.children if isinstance(node, Element) else ():
        yield from _walk(child, level + 1)


def _size(own: list[tuple[Node, int]], characters: int) -> Size:
    elements = [node for node, _ in own if isinstance(node, Element)]
    nodes = len(own) + sum(len(node.attributes) + len(node.children) for node in elements)
    parents = sum(bool(node.children) for node in elements)
    depth = max((level for _, level in own), default=1)
    return Size(nodes, parents, depth, characters, Counter(node.name for node in elements))


# Writing


def _shown(item: Any, tree: Tree) -> str | Markup:
    if isinstance(item, etree._Element):
        node = tree.nodes[item]
        return Markup(indented(node, _prefixes(item))) if isinstance(node, Element) else indented(node)
    if isinstance(item, tuple):
        prefix, uri = item
        return f'xmlns:{prefix}="{uri}"' if prefix else f'xmlns="{uri}"'
    if getattr(item, "is_attribute", False):
        return f'{_attribute_name(item)}="{item}"'
    return escape(str(item))


def _attribute_name(item: Any) -> str:
    qualified = etree.QName(item.attrname)
    if not qualified.namespace:
        return qualified.localname
    prefixes = {uri: prefix for prefix, uri in item.getparent().nsmap.items() if prefix}
    return f"{prefixes.get(qualified.namespace, 'xml')}:{qualified.localname}"


def _prefixes(item: Any) -> dict[str, str]:
    return {prefix or "": uri for prefix, uri in item.nsmap.items()}


def indented(node: Document | Node, prefixes: dict[str, str] | None = None) -> str:
    """The markup of a node on its own, indented, with the namespaces of its surroundings (`prefixes`) that it needs."""
    nodes = node.children if isinstance(node, Document) else [node]
    shown = [child for child in nodes if not (isinstance(child, Instruction) and child.target == "xml")]
    return "\n".join(_Printer(prefixes or {}).print(child) for child in shown)


class _Printer:
    """Writes one node. `written`, `around` below: the prefixes declared so far, and those in scope."""

    def __init__(self, around: dict[str, str]) -> None:
        self.around = around
        self.out: list[str] = []

    def print(self, node: Node) -> str:
        self._node(node, "", False, {"": ""}, self.around)
        return "".join(self.out)

    def _node(self, node: Node, indent: str, mixed: bool, written: dict[str, str], around: dict[str, str]) -> None:
        """`mixed`: beside text, where no line is broken."""
        if not isinstance(node, Element):
            self.out.append(escape(node.text) if isinstance(node, Text) else markup(node))
            return
        own = {key.partition(":")[2]: uri for key, uri in node.attributes.items() if key.partition(":")[0] == "xmlns"}
        scope = {**around, **own} if own else around
        needed = _needed(node, {**written, **own}, scope)
        self.out.append(start_tag(node.name, node.attributes))
        self.out.extend(f' xmlns{":" + prefix if prefix else ""}="{escape(needed[prefix], True)}"' for prefix in needed)
        if node.empty_tag and not node.children:
            self.out.append(" />")
            return
        self.out.append(">")
        self._inside(node, indent, mixed, {**written, **own, **needed}, scope)
        self.out.append(f"</{node.name}>")

    def _inside(self, node: Element, indent: str, mixed: bool, written: dict[str, str], around: dict[str, str]) -> None:
        deeper = indent + "  "
        broken = False
        for child in node.children:
            mixed = mixed or isinstance(child, Text)
            if not mixed:
                broken = True
                self.out.append(f"\n{deeper}")
            self._node(child, deeper, mixed, written, around)
        if broken and not mixed:
            self.out.append(f"\n{indent}")


def _needed(node: Element, written: dict[str, str], around: dict[str, str]) -> dict[str, str]:
    """Declarations to add: prefixes of the element and its attributes that are not yet written."""
    names = [node.name, *(key for key in node.attributes if ":" in key and not key.startswith(("xmlns", "xml:")))]
    prefixes = [name.partition(":")[0] if ":" in name else "" for name in names]
    return {prefix: around[prefix] for prefix in prefixes if prefix in around and written.get(prefix) != around[prefix]}
