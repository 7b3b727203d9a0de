"""Parts of URIs: uriHost, uriPath, uriPathAndQuery, uriPort, uriScheme, uriQuery."""

from __future__ import annotations

from collections.abc import Callable

from wdl import uri
from wdl.errors import Fault
from wdl.registry import function, invalid_parameters, string
from wdl.values import Value


def _part(name: str, purpose: str, part: Callable[[uri.Uri], Value]) -> None:
    @function(name, string("", check=invalid_parameters), arity="must have only one parameter.")
    def of_text(text: str) -> Value:
        found = uri.parse(text)
        if found is None:
            raise Fault(
                "The template language function '{name}' expects its parameter to be a well-formed absolute URI. "
                "The provided value was '{value}'.",
                usage=name,
                value=text,
            )
        return part(found)

    of_text.__doc__ = purpose


_part("uriHost", "The host of a URI, in lower case.", lambda found: found.host)
_part("uriPath", "The path of a URI.", lambda found: found.path)
_part("uriPathAndQuery", "The path and the query of a URI.", lambda found: found.path + found.query)
_part("uriPort", "The port of a URI, or that of its scheme; -1 where there is none.", lambda found: found.port)
_part("uriScheme", "The scheme of a URI.", lambda found: found.scheme)
_part("uriQuery", "The query of a URI with its question mark.", lambda found: found.query)
