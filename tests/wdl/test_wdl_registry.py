"""The table of functions and the errors that it words."""

from __future__ import annotations

import re

import pytest
from wdl_cases import message_of

from wdl.registry import declarations, function, string

# The reference's list by group (133 functions), and what the engine knows beside them.
NAMES = """
concat substring slice replace guid toLower toUpper indexOf nthIndexOf lastIndexOf startsWith endsWith split trim
formatNumber trimByteOrderMark encodeXmlValue decodeXmlValue encodeXmlName decodeXmlName
contains length sort reverse empty intersection union first last take skip join chunk
if equals and or not less lessOrEquals greater greaterOrEquals isInt isFloat
json xml int string float bool decimal base64 base64ToBinary base64ToString binary dataUri dataUriToBinary
dataUriToString decodeBase64 utf8Length utf16Length encodeUriComponent decodeUriComponent decodeDataUri uriComponent
uriComponentToBinary uriComponentToString array createArray triggerFormDataValue triggerFormDataMultiValues
triggerMultipartBody formDataValue formDataMultiValues multipartBody
min max rand add sub mul div mod range
utcNow getFutureTime getPastTime addToTime subtractFromTime addSeconds addMinutes addHours addDays dateDifference
convertTimeZone convertToUtc convertFromUtc formatDateTime parseDateTime startOfHour startOfDay startOfMonth dayOfWeek
dayOfMonth dayOfYear ticks formatTimeSpan
parameters result actions outputs body triggerOutputs triggerBody trigger item items iterationIndexes variables
listCallbackUrl workflow
uriHost uriPath uriPathAndQuery uriPort uriScheme uriQuery
coalesce addProperty setProperty removeProperty xpath mergeObjects
action actionBody actionOutputs
"""
REFERENCE = re.findall(r"\w+", NAMES)


def test_every_function_of_the_reference_is_declared() -> None:
    assert len(REFERENCE) == 136
    assert {name.lower() for name in REFERENCE} == set(declarations())
    assert {declaration.name for declaration in declarations().values()} == set(REFERENCE)


def test_every_function_names_its_place_in_the_documentation() -> None:
    assert [name for name, declaration in declarations().items() if not declaration.documentation] == []


@pytest.mark.parametrize("name", sorted(declarations()))
def test_a_wrong_number_of_arguments_is_an_error_of_the_language(name: str) -> None:
    declaration = declarations()[name]
    count = declaration.at_least - 1 if declaration.at_least else (declaration.at_most or 0) + 1
    if count < 0 or not (declaration.at_least or declaration.at_most is not None):
        return
    message = message_of(f"@{name}({','.join(['null'] * count)})")
    assert name in message
    assert "{" not in message


# Measured in Azure; the functions that are not here stand in the recorded answers.
COUNTS = [
    ("concat()", "expects a comma separated list of string and integer parameters. The function was invoked with no"),
    ("base64()", "expects one parameter: the string to encode into base64 representation. The function was invoked"),
    ("decodeDataUri()", "expects one parameter: the data URI. The function was invoked with '0' parameters."),
    ("encodeUriComponent()", "expects at least one parameter: the string to URL encode. The function was invoked"),
    ("uriComponent()", "expects at least one parameter: the value to convert to URI component. The function was"),
    (
        "contains('a')",
        "expects two parameters : the collection of items to search within and the object to find within",
    ),
    (
        "take('a')",
        "expects two parameters: the collection to take the objects from as the first parameter and the count",
    ),
    (
        "lastIndexOf('a')",
        "the value to find the last index of as the second parameter. The function was invoked with '1'",
    ),
    ("if(true)", "expects three parameter: the condition to test as the first parameter, the value to return if the"),
    ("less(1)", "expects two parameter of matching types. The function was invoked with '1' parameter(s)."),
    ("mod(1)", "the dividend as the first parameter and the divisor as the second parameter. The function was invoked"),
    (
        "setProperty(1)",
        "the name of the property to set as the second parameter, and the value as the third parameter.",
    ),
    ("ticks()", "expects a single parameter that is a timestamp. The function was invoked with '0' parameter(s)."),
    ("addDays('a')", "the number of days to add as the second parameter, and an optional format string as the third"),
    ("utcNow(1,2)", "can be invoked with no parameters or with an optional format parameter. The function was invoked"),
    ("body()", "The template language function 'body' must have only one parameter."),
    ("trigger(1)", "The template language function 'trigger' must not have any parameters."),
    ("multipartBody('a')", "the index of the multipart content as the second parameter. The function was invoked with"),
]


@pytest.mark.parametrize(("expression", "words"), COUNTS)
def test_what_azure_says_of_a_wrong_number_of_arguments(expression: str, words: str) -> None:
    assert words in message_of(f"@{expression}")


def test_a_function_is_declared_once() -> None:
    with pytest.raises(ValueError, match="declared twice"):
        function("CONCAT", string("a text"))(lambda text: text)


def test_braces_in_values_do_not_disturb_messages() -> None:
    assert "'{0}{name}'" in message_of("@uriHost('{0}{name}')")
    assert "'{x}'" in message_of("@sort(json('[{}]'),'{x}')")
