"""Form and multipart bodies: what `formDataValue`, `multipartBody` and kin read.

The content type is that of the outputs' header. Azure puts a form as `{"$content-type", "$content", "$formdata":
[{"key", "value"}]}` and parts as `{…, "$multipart": [{"headers", "body"}]}`. Where only the content stands there, it
is read.
"""

from __future__ import annotations

import base64
import re
from email import message_from_bytes
from email.message import Message
from email.policy import HTTP
from typing import Any, Final
from urllib.parse import parse_qsl

from wdl.errors import Fault
from wdl.values import Value, content_of

_FAILED: Final = "The template language function '{name}' failed to retrieve {what} contents from outputs. "
_FORM: Final = re.compile(r"\s*(multipart/form-data|application/x-www-form-urlencoded)\s*(;|\Z)", re.IGNORECASE)
_NO_FORM: Final = (
    "The output content is not a valid form data content. Supported form data content types are 'multipart/form-data' "
    "and 'application/x-www-form-urlencoded' and the provided content type is '{kind}'."
)
_NO_PARTS: Final = "The supported multipart content type is 'multipart/*' and the provided content type is '{kind}'. "
_NO_PART: Final = "The index value '{index}' exceeds the number of multipart contents '{count}' in the outputs."
_SEVERAL: Final = "There are more than one items matching the field name '{key}'."


def form_values(outputs: Value, key: str) -> list[Any]:
    """The values of the field `key` in outputs with a form."""
    kind, body = _taken(outputs)
    if not _FORM.match(kind):
        raise Fault(_FAILED + _NO_FORM, what="formdata", kind=kind)
    listed = body.get("$formdata") if isinstance(body, dict) else None
    if isinstance(listed, list):
        return [pair.get("value") for pair in listed if isinstance(pair, dict) and pair.get("key") == key]
    if kind.strip().lower().startswith("multipart/"):
        return [part.get("body") for part in _parts(body, kind) if isinstance(part, dict) and _field_name(part) == key]
    content = content_of(body)
    pairs = parse_qsl(content.decode("utf-8", "replace"), keep_blank_values=True) if content is not None else []
    return [value for name, value in pairs if name == key]


def form_value(outputs: Value, key: str) -> Any:
    """The one value of a field; None without it."""
    values = form_values(outputs, key)
    if len(values) > 1:
        raise Fault(_FAILED + _SEVERAL, what="formdata", key=key)
    return values[0] if values else None


def multipart_body(outputs: Value, index: int) -> Value:
    """The body of part `index`, from 0."""
    kind, body = _taken(outputs)
    if not kind.strip().lower().startswith("multipart/"):
        raise Fault(_FAILED + _NO_PARTS, what="multipart", kind=kind)
    parts = _parts(body, kind)
    if not 0 <= index < len(parts):
        raise Fault(_FAILED + _NO_PART, what="multipart", index=index, count=len(parts))
    part = parts[index]
    return part.get("body") if isinstance(part, dict) else part


def _taken(outputs: Value) -> tuple[str, Any]:
    """The content type and the body of outputs; the type as Azure shows it where there is none."""
    if not isinstance(outputs, dict):
        return "<null>", None
    headers = outputs.get("headers")
    pairs = headers.items() if isinstance(headers, dict) else ()
    kind = next((value for name, value in pairs if str(name).lower() == "content-type"), None)
    return "<null>" if kind is None else str(kind), outputs.get("body")


def _parts(body: Any, kind: str) -> list[Any]:
    listed = body.get("$multipart") if isinstance(body, dict) else None
    if isinstance(listed, list):
        return listed
    content = content_of(body)
    if content is None:
        return []
    header = f"Content-Type: {_one_line(kind)}\r\n\r\n".encode("utf-8", "replace")
    message = message_from_bytes(header + content, policy=HTTP)
    return [_part(part) for part in message.iter_parts()] if message.is_multipart() else []


def _one_line(header: str) -> str:
    return header.replace("\r", " ").replace("\n", " ")


def _part(part: Any) -> dict[str, Any]:
    data = part.get_payload(decode=True) or b""
    content = {"$content-type": part.get_content_type(), "$content": base64.b64encode(data).decode()}
    return {"headers": {name: str(value) for name, value in part.items()}, "body": content}


def _field_name(part: dict[str, Any]) -> str | None:
    """The field that a part of a form stands for, from its Content-Disposition."""
    headers = part.get("headers")
    for name, value in headers.items() if isinstance(headers, dict) else ():
        if str(name).lower() == "content-disposition":
            message = Message()
            message["Content-Disposition"] = _one_line(str(value))
            return str(message.get_param("name", "", "content-disposition"))
    return None
