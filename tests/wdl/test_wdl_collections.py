"""Functions of arrays, objects and strings as collections."""

from __future__ import annotations

import pytest
from wdl_cases import json_of, message_of


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("contains('abc','B')", "false"),
        ("contains(createArray('a','B'),'b')", "false"),
        ("contains(createArray(1,2),1.0)", "false"),
        ('contains(json(\'[{"a":1,"b":2}]\'),json(\'{"b":2,"a":1}\'))', "true"),
        ("contains(json('{\"Key\":1}'),'kEY')", "true"),
        ("length(createArray(1,2))", "2"),
        ("empty(null)", "true"),
        ("empty(' ')", "false"),
        ("empty(json('{}'))", "true"),
        ("reverse(createArray(1,'a'))", '["a",1]'),
        ("first('')", '""'),
        ("first(json('[]'))", "null"),
        ("first(createArray(3,4))", "3"),
        ("last('abc')", '"c"'),
        ("take('abc',2)", '"ab"'),
        ("take(createArray(1,2,3),9)", "[1,2,3]"),
        ("skip(createArray(1,2,3),1)", "[2,3]"),
        ("join(createArray(1,'a',true,null,1.50),', ')", '"1, a, True, , 1.5"'),
        ("chunk('abcde',2)", '["ab","cd","e"]'),
        ("chunk(createArray(1,2,3),2)", "[[1,2],[3]]"),
        ("chunk('',3)", "[]"),
        ("sort(createArray('b','A','a','B'))", '["A","B","a","b"]'),
        ("sort(createArray(2,1.5,null,-1))", "[null,-1,1.5,2]"),
        ("sort(createArray(true,false))", "[false,true]"),
        ("sort(createArray('10',9,'8',8.5))", '["8",8.5,9,"10"]'),
        ("sort(createArray(true,'False'))", '["False",true]'),
        ("sort(createArray(2,false))", "[false,2]"),
        ("sort(createArray(decimal('1.5'),'1.25'))", '["1.25",1.5]'),
        ("sort(createArray(float('NaN'),1,null,float('-Infinity')))", '[null,"NaN","-Infinity",1]'),
        ("sort(createArray('\U0001f600','\uffee'))", '["\U0001f600","\uffee"]'),
        ("sort(createArray('a',json('[1]'),null))", '[null,[1],"a"]'),
        (
            'sort(json(\'[{"n":2,"s":"a"},{"N":1,"s":"b"},{"n":2,"s":"c"}]\'),\'n\')',
            '[{"N":1,"s":"b"},{"n":2,"s":"a"},{"n":2,"s":"c"}]',
        ),
        ("union(createArray(1,2,1),createArray(2,3,1.0))", "[1,2,3,1.0]"),
        ('union(json(\'{"a":1,"b":2}\'),json(\'{"b":3,"c":4}\'))', '{"a":1,"b":3,"c":4}'),
        ("intersection(createArray(3,1,2,3),createArray(2,3),createArray(3))", "[3]"),
        ('intersection(json(\'{"a":1,"b":[1]}\'),json(\'{"b":[1],"a":2}\'))', '{"b":[1]}'),
    ],
)
def test_values(expression: str, value: str) -> None:
    assert json_of(f"@{expression}") == value


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("length(null)", "expects its parameter to be an array or a string. The provided value is of type 'Null'."),
        ("empty(0)", "expects its parameter to be an object, an array or a string."),
        ("first(null)", "expects its parameter be an array or a string."),
        ("take('a',-1)", "'count' must be a positive integer. The provided valus is '-1'."),
        ("skip('a',-1)", "'count' must be a positive integer. The provided value is '-1'."),
        ("chunk('a',0)", "expects chunk size to be a positive integer. The provided value is less than 1."),
        ("contains('a',1)", "The provided types 'String' and 'Integer' are incompatible."),
        (
            "contains(1,'a')",
            "expects its first argument 'collection' to be a dictionary (object), an array or a string.",
        ),
        ("sort(createArray(1,'a'))", "Failed to compare two elements in the array."),
        ("sort(createArray(json('[1]'),1))", "Failed to compare two elements in the array."),
        ("sort(createArray(json('{}'),json('{}')))", "Failed to compare two elements in the array."),
        ("sort(createArray(true,'yes'))", "Failed to compare two elements in the array."),
        ("sort(createArray(decimal('1'),float('NaN')))", "Failed to compare two elements in the array."),
        ("sort(json('[{\"a\":1}]'),'b')", "did not find the named sortField 'b' on one or more objects in the array."),
        ("union(createArray(1))", "The function was invoked with '1' parameter(s)."),
        ("union(createArray(1),'a',json('{}'))", "found 'Array,String,Object' distinct types."),
        ("intersection('a','b')", "The function was invoked with parameters of type 'String'."),
        ("createArray()", "expects a comma separated list of parameters. The function was invoked with no parameters."),
    ],
)
def test_errors(expression: str, message: str) -> None:
    assert message in message_of(f"@{expression}")


def test_the_items_of_a_large_array_are_sorted_and_joined_in_reasonable_time() -> None:
    numbers = "range(0,100000)"
    assert json_of(f"@first(sort(reverse({numbers})))") == "0"
    assert json_of(f"@length(union({numbers},{numbers}))") == "100000"
