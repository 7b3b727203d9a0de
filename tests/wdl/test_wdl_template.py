"""The template layer: where expressions begin and end, and what becomes of values in text."""

from __future__ import annotations

import pytest
from wdl_cases import evaluate, message_of

from wdl.context import Context
from wdl.template import compile_template

CONTEXT = Context(parameters={"name": "Ann", "list": [1, 2.0], "none": None})


@pytest.mark.parametrize(
    ("template", "value"),
    [
        ("@parameters('list')", [1, 2.0]),
        ("@{parameters('list')}", "[1,2.0]"),
        (" @parameters('list')", " @parameters('list')"),
        ("Hi @{parameters('name')}!", "Hi Ann!"),
        ("<@{parameters('none')}>", "<>"),
        ("@{true}@{1.0}@{1.50}", "True11.5"),
        ("@{concat('a','}')}", "a}"),
        ("@", "@"),
        ("@@foo", "@foo"),
        ("@@{1}@{2}", "@{1}@{2}"),
        ("x @@{1} @{2}", "x @{1} 2"),
        ("a@b @ c", "a@b @ c"),
        (5, 5),
        (None, None),
    ],
)
def test_strings(template: object, value: object) -> None:
    assert evaluate(template, CONTEXT) == value


def test_every_value_and_name_of_a_structure_is_a_template() -> None:
    template = {"a": ["@parameters('name')", 1], "@{parameters('name')}": {"b": "x"}, "@@odata.type": "y"}
    assert evaluate(template, CONTEXT) == {"a": ["Ann", 1], "Ann": {"b": "x"}, "@odata.type": "y"}


def test_a_template_is_compiled_once_and_evaluated_in_many_contexts() -> None:
    template = compile_template("@variables('n')")
    assert [template.evaluate(Context(variables={"n": n})) for n in range(3)] == [0, 1, 2]


def test_a_value_without_expressions_is_itself() -> None:
    source = {"a": ["b", 1]}
    template = compile_template(source)
    assert template.constant
    assert template.evaluate(Context()) is source


def test_deep_structures_are_an_error() -> None:
    value: object = "@{1}"
    for _ in range(10_000):
        value = [value]
    assert "nested too deeply" in message_of(value)
