"""Bodies of HTTP messages and JSON values of the language, both ways.

Source: Azure page "Handle content types in Azure Logic Apps": JSON types are parsed, `text/*` is a string, forms and
parts are taken apart, everything else is `{"$content-type", "$content"}`.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from email import message_from_bytes
from email.message import Message
from email.policy import HTTP
from typing import Any
from urllib.parse import parse_qsl

from localazure.workflows.outcome import ABSENT
from wdl.jsontext import JsonTextError, parse
from wdl.values import content_of, dumps

TEXT, JSON = "text/plain; charset=utf-8", "application/json; charset=utf-8"
BINARY = "application/octet-stream"


class NotJsonError(ValueError):
    """A body of a JSON type is no JSON; the message is Newtonsoft's."""


def decode_body(content: bytes, content_type: str | None) -> Any:
    """The value of a received body; `ABSENT` for an empty one. NotJsonError if it should be JSON and is not."""
    if not content:
        return ABSENT
    header = _header(content_type or BINARY)
    kind = header.get_content_type()
    if is_json(kind):
        return _json(content, header)
    if kind.startswith("text/"):
        return _text(content, header)
    return binary(content, content_type or BINARY) | _apart(content, kind, content_type or "")


def encode_body(body: Any) -> tuple[bytes, str | None]:
    """The bytes of a body to send and the content type that fits where none is given; None for no body."""
    if body is None or body is ABSENT:
        return b"", None
    if isinstance(body, str):
        return body.encode(), TEXT
    if isinstance(body, Mapping) and "$multipart" in body:
        return _join_parts(body)
    if (content := content_of(body)) is not None:
        return content, str(body["$content-type"])
    return dumps(body).encode(), JSON


def body_type(body: Any) -> str:
    """The content type of a body to send that names none."""
    if isinstance(body, str):
        return TEXT
    return str(body["$content-type"]) if content_of(body) is not None else JSON


def is_json(kind: str) -> bool:
    """`application/json`, `text/json` and everything that ends in `+json`."""
    return kind in {"application/json", "text/json"} or kind.endswith("+json")


def binary(content: bytes, content_type: str) -> dict[str, Any]:
    return {"$content-type": content_type, "$content": base64.b64encode(content).decode()}


def header_value(headers: Mapping[str, Any], name: str) -> str | None:
    """The value of a header in any spelling."""
    return next((str(value) for key, value in headers.items() if key.lower() == name.lower()), None)


def _header(content_type: str) -> Message:
    message = Message()
    message["Content-Type"] = content_type.replace("\r", " ").replace("\n", " ")
    return message


def _json(content: bytes, header: Message) -> Any:
    try:
        return parse(_text(content, header))
    except JsonTextError as error:
        raise NotJsonError(str(error)) from None


def _text(content: bytes, header: Message) -> str:
    charset = header.get_content_charset("utf-8")
    try:
        return content.decode(charset, "replace").removeprefix("\ufeff")
    except LookupError:
        return content.decode("utf-8", "replace")


def _apart(content: bytes, kind: str, content_type: str) -> dict[str, Any]:
    """What a form or a multipart body holds."""
    if kind == "application/x-www-form-urlencoded":
        pairs = parse_qsl(content.decode("utf-8", "replace"), keep_blank_values=True)
        return {"$formdata": [{"key": key, "value": value} for key, value in pairs]}
    if kind.startswith("multipart/"):
        whole = message_from_bytes(f"Content-Type: {content_type}\r\n\r\n".encode() + content, policy=HTTP)
        return {"$multipart": [_part(part) for part in whole.iter_parts()]}
    return {}


def _part(part: Any) -> dict[str, Any]:
    content = part.get_payload(decode=True) or b""
    return {"headers": dict(part.items()), "body": binary(content, part.get("Content-Type", BINARY))}


def _join_parts(body: Mapping[str, Any]) -> tuple[bytes, str]:
    """A multipart body to send. The boundary depends on the content alone: a repeated call is the same."""
    boundary = hashlib.sha256(dumps(dict(body)).encode()).hexdigest()[:32]
    made = b""
    for part in body["$multipart"]:
        content, kind = encode_body(part.get("body"))
        headers = {**({"Content-Type": kind} if kind else {}), **(part.get("headers") or {})}
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        made += f"--{boundary}\r\n{lines}\r\n".encode() + content + b"\r\n"
    kind = str(body.get("$content-type") or "multipart/form-data").split(";", 1)[0]
    return made + f"--{boundary}--\r\n".encode(), f"{kind}; boundary={boundary}"
