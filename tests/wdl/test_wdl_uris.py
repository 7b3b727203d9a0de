"""Parts of URIs."""

from __future__ import annotations

import pytest
from wdl_cases import evaluate, message_of

from wdl.uri import Uri, parse


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("https://Me:pw@EXAMPLE.com:8443/a/b%20c?y=%2F#frag", Uri("https", "example.com", 8443, "/a/b%20c", "?y=%2F")),
        ("http://host", Uri("http", "host", 80, "/", "")),
        ("http://host?q", Uri("http", "host", 80, "/", "?q")),
        ("HTTP://host/a/./b/../c", Uri("http", "host", 80, "/a/c", "")),
        ("http://host/a b/é|%7e", Uri("http", "host", 80, "/a%20b/%C3%A9%7C~", "")),
        ("http://host\\a\\b", Uri("http", "host", 80, "/a/b", "")),
        ("http://[::1]:5/x", Uri("http", "[::1]", 5, "/x", "")),
        ("ftp://h:21/x", Uri("ftp", "h", 21, "/x", "")),
        ("data:text/plain,x", Uri("data", "", -1, "text/plain,x", "")),
        ("urn:a:b", Uri("urn", "", -1, "a:b", "")),
        ("c:\\a\\b", Uri("file", "", -1, "c:/a/b", "")),
        ("file:///C:/a%20b/../c", Uri("file", "", -1, "C:/c", "")),
        ("file:///etc/x", Uri("file", "", -1, "/etc/x", "")),
        ("foo://h", Uri("foo", "h", -1, "/", "")),
        ("foo://h/a/../b?q", Uri("foo", "h", -1, "/b", "?q")),
        ("  http://h/  ", Uri("http", "h", 80, "/", "")),
    ],
)  # fmt: skip
def test_parts(text: str, parts: Uri) -> None:
    assert parse(text) == parts


@pytest.mark.parametrize(
    "text",
    ["", "a", "//host/a", "http:", "http://", "http:a", "1a:b", "http://h:99999/", "http://[::zz]/", "http://a b/"],
)
def test_what_is_no_absolute_uri(text: str) -> None:
    assert parse(text) is None


def test_functions() -> None:
    address = "'https://h.de/p?q=1#f'"
    names = ["uriScheme", "uriHost", "uriPort", "uriPath", "uriQuery", "uriPathAndQuery"]
    assert [evaluate(f"@{name}({address})") for name in names] == ["https", "h.de", 443, "/p", "?q=1", "/p?q=1"]


def test_errors() -> None:
    assert message_of("@uriHost('foo')") == (
        "The template language function 'uriHost' expects its parameter to be a well-formed absolute URI. The provided "
        "value was 'foo'. Please see https://aka.ms/logicexpressions#uriHost for usage details."
    )
    assert (
        message_of("@uriPort(1)") == "The provided parameters for template language function 'uriPort' are not valid."
    )
    assert message_of("@uriPath()") == "The template language function 'uriPath' must have only one parameter."
