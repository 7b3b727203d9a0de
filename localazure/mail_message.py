"""A raw internet message taken apart into what a person (and a test) wants to see of it.

Everything in a message comes from a stranger: nothing here trusts a header, a charset or a structure, and nothing
raises.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage, Message

import lxml.etree
import lxml.html

_POLICY = policy.default


@dataclass(frozen=True)
class Attachment:
    """A part that is neither the text nor the HTML of the mail."""

    name: str
    media_type: str
    content: bytes
    content_id: str | None = None


def parse(raw: bytes) -> EmailMessage:
    """The message of these bytes (RFC 5322); a broken one is read as far as it makes sense."""
    return message_from_bytes(raw, policy=_POLICY)


def header(message: EmailMessage, name: str) -> str:
    """A header as one line of text, decoded; empty if there is none or it cannot be read."""
    try:
        value = message.get(name)
    except Exception:  # the parser of structured headers raises many kinds on hostile input
        return ""
    return "" if value is None else " ".join(str(value).split())


def body(message: EmailMessage, kind: str) -> str | None:
    """The text of the first `text/{kind}` part that is no attachment, or None."""
    for part in _parts(message):
        if part.get_content_type() == f"text/{kind}" and not _is_attachment(part):
            return text_of(part)
    return None


def attachments(message: EmailMessage) -> list[Attachment]:
    """The parts that a person would save to a file, in their order."""
    taken = {"text/plain": False, "text/html": False}
    found: list[Attachment] = []
    for part in _parts(message):
        kind = part.get_content_type()
        if kind in taken and not taken[kind] and not _is_attachment(part):
            taken[kind] = True
        else:
            found.append(_attachment(part, len(found) + 1))
    return found


def text_of(part: Message) -> str:
    """The text of a part; an unknown charset is read as UTF-8, and what cannot be decoded is replaced."""
    content = part.get_payload(decode=True)
    data = content if isinstance(content, bytes) else b""
    try:
        text = data.decode(part.get_content_charset("utf-8"), "replace")
    except LookupError:
        text = data.decode("utf-8", "replace")
    return text.replace("\r\n", "\n")


def preview(message: EmailMessage, length: int = 160) -> str:
    """The first words of the mail, in one line; of the HTML without its tags if there is no text."""
    text = body(message, "plain")
    if text is None:
        text = html_to_text(body(message, "html") or "")
    return " ".join(text.split())[:length]


def html_to_text(html: str) -> str:
    """The words of an HTML document, for an alternative text: blocks become lines, scripts and styles vanish."""
    if not html.strip():
        return ""
    try:
        document = lxml.html.fromstring(html.replace("\x00", ""))
    except (ValueError, lxml.etree.ParserError):
        return ""
    return "\n".join(_lines(document))


_BLOCKS = {"address", "article", "blockquote", "br", "dd", "div", "dl", "dt", "footer", "header", "hr", "li", "ol", "p"}
_BLOCKS |= {"h1", "h2", "h3", "h4", "h5", "h6", "pre", "section", "table", "tr", "ul"}


def _lines(document: lxml.html.HtmlElement) -> Iterator[str]:
    pieces = [""]
    for event, element in lxml.etree.iterwalk(document, events=("start", "end")):
        if not isinstance(element.tag, str) or element.tag in {"script", "style", "head"}:
            if event == "end":
                pieces.append(element.tail or "")
            continue
        if element.tag in _BLOCKS:
            pieces.append("\n")
        elif element.tag in {"td", "th"} and event == "end":
            pieces.append("  ")
        pieces.append((element.text if event == "start" else element.tail) or "")
    lines = (" ".join(line.split()) for line in "".join(pieces).splitlines())
    return (line for line in lines if line)


def _parts(message: Message) -> Iterator[Message]:
    return (part for part in message.walk() if not part.is_multipart())


def _is_attachment(part: Message) -> bool:
    return part.get_content_disposition() == "attachment"


def _attachment(part: Message, number: int) -> Attachment:
    try:
        name = part.get_filename()
    except Exception:  # as for headers
        name = None
    content = part.get_payload(decode=True)
    content_id = part.get("Content-ID")
    return Attachment(
        name=(name or f"part-{number}").replace("\r", "").replace("\n", ""),
        media_type=part.get_content_type(),
        content=content if isinstance(content, bytes) else b"",
        content_id=str(content_id).strip("<> ") if content_id else None,
    )
