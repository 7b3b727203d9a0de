"""Objects: adding, setting, removing and merging."""

from __future__ import annotations

import pytest
from wdl_cases import json_of, message_of

from wdl.context import Context

OBJECT = 'json(\'{"a":1,"b":{"x":1,"y":2}}\')'


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        (f"addProperty({OBJECT},'c',null)", '{"a":1,"b":{"x":1,"y":2},"c":null}'),
        (f"setProperty({OBJECT},'a',2)", '{"b":{"x":1,"y":2},"a":2}'),
        (f"setProperty({OBJECT},'A',2)", '{"b":{"x":1,"y":2},"a":2}'),
        (f"setProperty({OBJECT},'é',2)", '{"a":1,"b":{"x":1,"y":2},"é":2}'),
        (f"removeProperty({OBJECT},'A')", '{"b":{"x":1,"y":2}}'),
        (f"removeProperty({OBJECT},'a')", '{"b":{"x":1,"y":2}}'),
        (f"removeProperty({OBJECT},'nope')", '{"a":1,"b":{"x":1,"y":2}}'),
        (f'mergeObjects({OBJECT},json(\'{{"b":{{"y":3}},"c":4}}\'))', '{"a":1,"b":{"x":1,"y":3},"c":4}'),
    ],
)
def test_values(expression: str, value: str) -> None:
    assert json_of(f"@{expression}") == value


def test_the_object_itself_is_not_changed() -> None:
    context = Context(variables={"v": {"a": 1, "b": {"c": 1}}})
    for change in ("setProperty(variables('v'),'a',2)", "mergeObjects(variables('v'),json('{\"b\":{\"c\":2}}'))"):
        json_of(f"@{change}", context)
    assert context.variables == {"v": {"a": 1, "b": {"c": 1}}}


def test_errors() -> None:
    start = "The template language function 'addProperty' expects the property to not exist in the object. "
    for name in ("a", "A"):
        message = message_of(f"@addProperty(json('{{\"a\":1}}'),'{name}',2)")
        assert message == f"{start}Unable to add property '{name}' to '{{\n  \"a\": 1\n}}' as it already exists."
    assert "invalid characters '., ['" in message_of(f"@removeProperty({OBJECT},'a.[')")
    assert message_of("@setProperty(1,'a',2)") == (
        "The template language function 'setProperty' expects its first parameter to be of type object. "
        "The provided value is of type 'Integer'."
    )
