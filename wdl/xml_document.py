"""XML documents as .NET's `XmlDocument` holds and writes them.

Read with expat: no document type, entity, file or address is looked up. White space between elements is dropped.
Messages are .NET's, with line and position from 1.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, TypeAlias
from xml.parsers import expat

MAX_DEPTH: Final = 200
MAX_NODES: Final = 1_000_000
_XMLNS: Final = "xmlns"
_DTD_REFUSED: Final = (
    "For security reasons DTD is prohibited in this XML document. To enable DTD processing set the DtdProcessing "
    "property on XmlReaderSettings to Parse and pass the settings into XmlReader.Create method."
)


class XmlTextError(ValueError):
    """A text is not XML, or JSON cannot become XML; the message is .NET's."""


@dataclass(slots=True)
class Element:
    """`empty_tag`: written as `<a />`; an element without children can also be `<a></a>`."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Node] = field(default_factory=list)
    empty_tag: bool = True


@dataclass(slots=True)
class Text:
    """Character data; `cdata`: in a CDATA section."""

    text: str
    cdata: bool = False


@dataclass(slots=True)
class Comment:
    """A comment."""

    text: str


@dataclass(slots=True)
class Instruction:
    """A processing instruction; the XML declaration is one with the target `xml`."""

    target: str
    data: str


Node: TypeAlias = Element | Text | Comment | Instruction


@dataclass(slots=True)
class Document:
    """A declaration where there is one, comments and instructions, and one root element."""

    children: list[Node] = field(default_factory=list)

    @property
    def root(self) -> Element | None:
        """The root element; None for what was made of an empty object."""
        return next((node for node in self.children if isinstance(node, Element)), None)


def parse_xml(source: bytes | str) -> Document:
    """The document that a text holds. Raises XmlTextError."""
    return _Reader(source).read()


class _Reader:
    """Builds a document from expat's events."""

    def __init__(self, source: bytes | str) -> None:
        if isinstance(source, bytes) and source.startswith((b"\xff\xfe", b"\xfe\xff")):
            source = source.decode("utf-16", "replace")
        self.source = source.encode("utf-8", "replace") if isinstance(source, str) else source
        self.parser = expat.ParserCreate("utf-8" if isinstance(source, str) else None)
        self.document = Document()
        self.open: list[Element] = []
        self.starts: list[tuple[int, int]] = []
        self.scopes: list[frozenset[str]] = [frozenset({"xml", _XMLNS})]
        self.keeps_space: list[bool] = [False]
        self.in_cdata = False
        self.nodes = 0

    def read(self) -> Document:
        self._listen()
        try:
            self.parser.Parse(self.source, True)
        except expat.ExpatError as error:
            raise XmlTextError(self._message(error)) from None
        except (ValueError, LookupError) as error:
            raise error if isinstance(error, XmlTextError) else XmlTextError(str(error)) from None
        return self.document

    def _listen(self) -> None:
        parser = self.parser
        parser.buffer_text = True
        parser.ordered_attributes = True
        parser.XmlDeclHandler = self._declaration
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.StartCdataSectionHandler = self._start_cdata
        parser.EndCdataSectionHandler = self._end_cdata
        parser.CommentHandler = lambda text: self._add(Comment(text))
        parser.ProcessingInstructionHandler = lambda target, data: self._add(Instruction(target, data))

    def _add(self, node: Node) -> None:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise XmlTextError(f"The document has more than {MAX_NODES} nodes. Split it.")
        (self.open[-1] if self.open else self.document).children.append(node)
        if self.open:
            self.open[-1].empty_tag = False

    def _declaration(self, version: str, encoding: str | None, standalone: int) -> None:
        data = f'version="{version}"'
        data += f' encoding="{encoding}"' if encoding else ""
        data += f' standalone="{"yes" if standalone else "no"}"' if standalone >= 0 else ""
        self._add(Instruction("xml", data))

    def _doctype(self, *_: object) -> None:
        raise XmlTextError(self._placed(_DTD_REFUSED, self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber))

    def _start(self, name: str, pairs: list[str]) -> None:
        if len(self.open) >= MAX_DEPTH:
            raise XmlTextError(f"The document is nested deeper than {MAX_DEPTH} elements.")
        attributes = dict(zip(pairs[::2], pairs[1::2], strict=True))
        self.starts.append((self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber + 1))
        self._open_scope(name, attributes)
        element = Element(name, attributes)
        self._add(element)
        self.open.append(element)

    def _open_scope(self, name: str, attributes: dict[str, str]) -> None:
        declared = {key.partition(":")[2] for key in attributes if key.startswith("xmlns:")}
        scope = self.scopes[-1] | declared if declared else self.scopes[-1]
        for qualified in (name, *attributes):
            prefix = qualified.partition(":")[0] if ":" in qualified else ""
            if prefix and prefix not in scope:
                raise XmlTextError(self._placed(f"'{prefix}' is an undeclared prefix.", *self.starts[-1]))
        self.scopes.append(scope)
        space = attributes.get("xml:space")
        self.keeps_space.append(self.keeps_space[-1] if space is None else space == "preserve")

    def _end(self, _: str) -> None:
        element = self.open.pop()
        for stack in (self.starts, self.scopes, self.keeps_space):
            stack.pop()
        if not element.children:
            # Expat stands behind `<a />`, but before the end tag in `<a></a>`.
            at = self.parser.CurrentByteIndex
            element.empty_tag = self.source[at - 2 : at] == b"/>"

    def _text(self, text: str) -> None:
        if self.in_cdata or text.strip(" \t\r\n") or self.keeps_space[-1]:
            self._add(Text(text, self.in_cdata))

    def _start_cdata(self) -> None:
        self.in_cdata = True

    def _end_cdata(self) -> None:
        self.in_cdata = False

    # Messages

    def _message(self, error: expat.ExpatError) -> str:
        line, column = error.lineno, error.offset
        before_markup = self.source.decode("utf-8", "replace").lstrip("\ufeff")
        if before_markup.strip() and not before_markup.lstrip(" \t\r\n").startswith("<"):
            return self._before_markup(before_markup)
        if error.code == _NO_ELEMENT or (error.code in _UNFINISHED and self.open):
            return self._unfinished(line, column)
        if error.code == _MISMATCH and self.open:
            return self._mismatch(line, column)
        if error.code == _JUNK and self._rest(line, column).startswith("<"):
            return self._placed("There are multiple root elements.", line, column + 1)
        return self._placed(self._problem(error, line, column), line, column)

    @staticmethod
    def _placed(problem: str, line: int, column: int) -> str:
        return f"{problem} Line {line}, position {column + 1}."

    def _before_markup(self, text: str) -> str:
        skipped = text[: len(text) - len(text.lstrip(" \t\r\n"))]
        column = len(skipped) - skipped.rfind("\n") - 1
        return self._placed("Data at the root level is invalid.", skipped.count("\n") + 1, column)

    def _unfinished(self, line: int, column: int) -> str:
        if not self.open:
            return "Root element is missing."
        names = ", ".join(element.name for element in reversed(self.open))
        problem = f"Unexpected end of file has occurred. The following elements are not closed: {names}."
        return self._placed(problem, line, column)

    def _mismatch(self, line: int, column: int) -> str:
        name, (start_line, start_column) = self.open[-1].name, self.starts[-1]
        end = self._rest(line, column).removeprefix("</").partition(">")[0].strip()
        problem = (
            f"The '{name}' start tag on line {start_line} position {start_column + 1} does not match "
            f"the end tag of '{end}'."
        )
        return self._placed(problem, line, column)

    def _problem(self, error: expat.ExpatError, line: int, column: int) -> str:
        rest, before = self._rest(line, column), self._rest(line, max(column - 1, 0))[:1]
        if error.code == _UNDECLARED_ENTITY:
            return f"Reference to undeclared entity '{rest[1:].partition(';')[0]}'."
        if error.code == _DUPLICATE:
            return f"'{rest.partition('=')[0].strip()}' is a duplicate attribute name."
        if error.code == _INVALID and (self.open or before in ("<", "=")):
            return _invalid(rest[:1] or " ", before)
        if not self.open or error.code == _SYNTAX:
            return "Data at the root level is invalid."
        return f"{expat.ErrorString(error.code).capitalize()}."

    def _rest(self, line: int, column: int) -> str:
        lines = self.source.decode("utf-8", "replace").split("\n")
        return lines[line - 1][column:] if line <= len(lines) else ""


def _invalid(character: str, before: str) -> str:
    code = f"hexadecimal value 0x{ord(character):02X}"
    if before == "&":
        return "An error occurred while parsing EntityName."
    if before == "<":
        return f"Name cannot begin with the '{character}' character, {code}."
    if before == "=":
        return f"'{character}' is an unexpected token. The expected token is '\"' or '''."
    return f"'{character}', {code}, is an invalid character."


_CODES: Final = expat.errors.codes
_INVALID: Final = _CODES[expat.errors.XML_ERROR_INVALID_TOKEN]
_JUNK: Final = _CODES[expat.errors.XML_ERROR_JUNK_AFTER_DOC_ELEMENT]
_NO_ELEMENT: Final = _CODES[expat.errors.XML_ERROR_NO_ELEMENTS]
_SYNTAX: Final = _CODES[expat.errors.XML_ERROR_SYNTAX]
_MISMATCH: Final = _CODES[expat.errors.XML_ERROR_TAG_MISMATCH]
_UNDECLARED_ENTITY: Final = _CODES[expat.errors.XML_ERROR_UNDEFINED_ENTITY]
_DUPLICATE: Final = _CODES[expat.errors.XML_ERROR_DUPLICATE_ATTRIBUTE]
_UNFINISHED: Final = frozenset(
    _CODES[code]
    for code in (
        expat.errors.XML_ERROR_UNCLOSED_TOKEN,
        expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION,
        expat.errors.XML_ERROR_PARTIAL_CHAR,
    )
)


# Writing


def outer_xml(node: Document | Node) -> str:
    """The markup of a node on one line, as `XmlNode.OuterXml`."""
    return "".join(_write(node))


def _write(node: Document | Node) -> Iterator[str]:
    if isinstance(node, Document):
        for child in node.children:
            yield from _write(child)
    elif not isinstance(node, Element):
        yield markup(node)
    elif node.empty_tag and not node.children:
        yield f"{start_tag(node.name, node.attributes)} />"
    else:
        yield f"{start_tag(node.name, node.attributes)}>"
        for child in node.children:
            yield from _write(child)
        yield f"</{node.name}>"


def start_tag(name: str, attributes: dict[str, str]) -> str:
    """The start of a tag, without its end."""
    return f"<{name}" + "".join(f' {key}="{escape(value, quoted=True)}"' for key, value in attributes.items())


def markup(node: Text | Comment | Instruction) -> str:
    """The markup of a node that has no children."""
    if isinstance(node, Text):
        return f"<![CDATA[{node.text}]]>" if node.cdata else escape(node.text)
    if isinstance(node, Comment):
        return f"<!--{node.text}-->"
    return f"<?{node.target} {node.data}?>" if node.data else f"<?{node.target}?>"


def escape(text: str, quoted: bool = False) -> str:
    """Character data as markup; `quoted`: inside an attribute."""
    return text.translate(_IN_QUOTES if quoted else _IN_TEXT)


_IN_TEXT: Final = {ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;"} | {
    code: f"&#x{code:X};" for code in range(32) if chr(code) not in "\t\n\r"
}
_IN_QUOTES: Final = _IN_TEXT | {ord('"'): "&quot;", ord("\n"): "&#xA;", ord("\r"): "&#xD;"}
