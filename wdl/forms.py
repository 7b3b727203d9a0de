"""Form and multipart bodies: what `formDataValue`, `multipartBody` and kin read.

Azure puts a form as `{"$content-type", "$content", "$formdata": [{"key", "value"}]}` and parts as `{…, "$multipart":
[{"headers", "body"}]}`. Where only the content stands there, it is read by its type.
"""

from __future__ import annotations

import base64
import re
from email import message_from_bytes
from email.policy import HTTP
from typing import Any
from urllib.parse import parse_qsl

from wdl.errors import Fault
from wdl.values import Value, content_of


def form_values(body: Value, key: str) -> list[str]:
    """The values of `key` in a form body."""
    pairs = _pairs(body)
    if pairs is None:
        raise Fault("The template language function '{name}' expects a body of form data. There is none.", usage="")
    return [value for name, value in pairs if name == key]


def _pairs(body: Value) -> list[tuple[str, str]] | None:
    if not isinstance(body, dict):
        return None
    listed = body.get("$formdata")
    if isinstance(listed, list):
        return [(str(pair.get("key")), str(pair.get("value"))) for pair in listed if isinstance(pair, dict)]
    content = content_of(body)
    if content is None or not re.search("form-?url-?encoded|url-formencoded", str(body["$content-type"])):
        return None
    return parse_qsl(content.decode("utf-8", "replace"), keep_blank_values=True)


def multipart_body(body: Value, index: int) -> Value:
    """The body of part `index`, from 0."""
    parts = _parts(body)
    if parts is None:
        raise Fault("The template language function '{name}' expects a body of several parts. It has none.", usage="")
    if not 0 <= index < len(parts):
        raise Fault(
            "The template language function '{name}' expects the index of a part from 0 to {last}. "
            "The provided value is '{index}'.",
            usage="",
            last=len(parts) - 1,
            index=index,
        )
    part: Value = parts[index]
    return part


def _parts(body: Value) -> list[Any] | None:
    if not isinstance(body, dict):
        return None
    listed = body.get("$multipart")
    if isinstance(listed, list):
        return [part.get("body") if isinstance(part, dict) else part for part in listed]
    content = content_of(body)
    if content is None or not str(body["$content-type"]).startswith("multipart/"):
        return None
    header = f"Content-Type: {body['$content-type']}\r\n\r\n".encode()
    message = message_from_bytes(header + content, policy=HTTP)
    return [_content(part) for part in message.iter_parts()] if message.is_multipart() else []


def _content(part: Any) -> dict[str, str]:
    data = part.get_payload(decode=True) or b""
    return {"$content-type": part.get_content_type(), "$content": base64.b64encode(data).decode()}
