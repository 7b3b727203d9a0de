"""Parts of URIs: uriHost, uriPath, uriPathAndQuery, uriPort, uriScheme, uriQuery."""

from __future__ import annotations

from collections.abc import Callable

from wdl import uri
from wdl.errors import Fault
from wdl.registry import function, invalid_parameters, string
from wdl.values import Value


def _part(name: str, part: Callable[[uri.Uri], Value]) -> None:
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


_part("uriHost", lambda found: found.host)
_part("uriPath", lambda found: found.path)
_part("uriPathAndQuery", lambda found: found.path + found.query)
_part("uriPort", lambda found: found.port)
_part("uriScheme", lambda found: found.scheme)
_part("uriQuery", lambda found: found.query)
