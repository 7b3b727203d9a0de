"""Whatever stands in a definition gives a value or an error of the language, never anything else."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from wdl_vectors import recorded_context

from wdl.conditions import compile_condition
from wdl.context import Context
from wdl.errors import ExpressionError, ExpressionSyntaxError
from wdl.registry import declarations
from wdl.template import compile_template
from wdl.values import dumps

CONTEXT = Context(
    actions=recorded_context().actions,
    trigger={"outputs": {"body": {"$formdata": [{"key": "a", "value": "1"}, {"key": "a", "value": "2"}]}}},
    parameters={"p": 1},
    variables={"v": ["x"]},
    items={"Loop": {"a": 1}},
)
repeatable = settings(derandomize=True, deadline=None, max_examples=800, suppress_health_check=list(HealthCheck))

PIECES = st.one_of(
    st.sampled_from(["@", "@{", "}", "@@", "@@{", "'", "''", "(", ")", "[", "]", "?", ".", ",", " ", "\n", '"', "{"]),
    st.sampled_from(["1", "-", "1e5", "concat", "json", "body", "null", "TRUE", "é", "😀", "\ud800", "\0", "'a'"]),
    st.sampled_from(["('Get_entities')", "?['body/value']"]),
)
LITERALS = st.one_of(
    st.text(max_size=12).map(lambda text: "'" + text.replace("'", "''") + "'"),
    st.integers(-(2**64), 2**64).map(str),
    st.floats().map(repr),
    st.sampled_from(["null", "true", "false", "'Get_entities'", "'p'", "'Loop'", "'en-US'", "'N2'", "'{0}'", "'%zz'"]),
    st.sampled_from(
        ["'2018-03-15T13:07:09Z'", "'9999-12-31T23:59:59.9999999Z'", "'P1D'", "'Month'", "'Europe/Berlin'"]
    ),
    st.sampled_from(
        ["json('[[1e999,NaN]]')", 'json(\'{"a":[1,{"b":null}]}\')', "decimal('0.10')", "xml('<a b=\"1\"/>')"]
    ),
    st.sampled_from(
        ["float('NaN')", "float('-Infinity')", "decimal('79228162514264337593543950335')", f"json('1{'0' * 400}')"]
    ),
    st.sampled_from(
        ["'{'", "'[1,'", "'{\"a\":'", "'\"\\ud83d\"'", "'\\u'", "'data:a/b;charset=zip;base64,AA=='", "'ß'"]
    ),
    st.sampled_from(["binary('x')", 'json(\'{"$content-type":1,"$content":"!"}\')', "'//a'", "'data:,%ff'"]),
)
ACCESS = st.sampled_from(["", "", "", "[0]", "?[-1]", ".a", "?.a", "['a/b']", "?[null]"])
NAMES = st.sampled_from(sorted(declarations()))


def calls(arguments: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.builds(
        lambda name, given_arguments, access: f"{name}({','.join(given_arguments)}){access}",
        NAMES,
        st.lists(arguments, max_size=4),
        ACCESS,
    )


EXPRESSIONS = st.recursive(calls(LITERALS), lambda inner: calls(st.one_of(LITERALS, inner)), max_leaves=8)
OPERANDS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), LITERALS.map("@{}".format)
)
CONDITIONS = st.recursive(
    OPERANDS,
    lambda inner: st.dictionaries(NAMES, st.one_of(st.lists(inner, max_size=3), inner), max_size=2),
    max_leaves=8,
)


def check_template(template: Any) -> None:
    try:
        dumps(compile_template(template).evaluate(CONTEXT)).encode()
    except ExpressionSyntaxError as error:
        assert 0 <= error.position <= len(error.text)
    except ExpressionError as error:
        assert error.message


@repeatable
@given(st.lists(PIECES, max_size=12).map("".join))
def test_any_text(text: str) -> None:
    check_template(text)


@repeatable
@given(EXPRESSIONS)
def test_any_call_of_known_functions(expression: str) -> None:
    check_template(f"@{expression}")
    check_template(f"a @{{{expression}}} b")


@repeatable
@given(
    st.recursive(
        st.one_of(OPERANDS, EXPRESSIONS.map("@{}".format)),
        lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=4), inner, max_size=3)),
        max_leaves=6,
    )
)
def test_any_json_value(value: Any) -> None:
    check_template(value)


@repeatable
@given(CONDITIONS)
def test_any_condition(source: Any) -> None:
    try:
        assert compile_condition(source).evaluate(CONTEXT) in (True, False)
    except ExpressionError as error:
        assert error.message


@repeatable
@given(st.text(alphabet="{}[]\",:'ab\\u01x/*-.eENI \n\0é", max_size=30))
def test_any_text_as_json(text: str) -> None:
    literal = text.replace("'", "''")
    check_template(f"@json('{literal}')")
