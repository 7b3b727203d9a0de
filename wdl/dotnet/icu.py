"""CLDR's patterns in the form in which .NET keeps them, converted as .NET converts what ICU gives it."""

from __future__ import annotations

import re

from wdl.dotnet.date_format import run_length

_QUOTED = r"'[^']*'?"
_DATE_PART = re.compile(rf"{_QUOTED}|(?P<field>([EecLMGy])\2*)|.", re.DOTALL)
_TIME_PART = re.compile(rf"{_QUOTED}|.", re.DOTALL)
#: The currency and percent patterns that .NET can name; another one is replaced by the first of its kind.
_CURRENCY_POSITIVE = ("$n", "n$", "$ n", "n $")
_CURRENCY_NEGATIVE = (
    *("($n)", "-$n", "$-n", "$n-", "(n$)", "-n$", "n-$", "n$-", "-n $", "-$ n", "n $-", "$ n-", "$ -n", "n- $"),
    *("($ n)", "(n $)"),
)
_PERCENT_POSITIVE = ("n %", "n%", "%n", "% n")
_PERCENT_NEGATIVE = (*("-n %", "-n%", "-%n", "%-n", "%n-", "n-%", "n%-", "-% n", "n %-", "% n-", "% -n", "n- %"),)
_NUMBER_NEGATIVE = ("-n", "(n)", "- n", "n-", "n -")


def date_pattern(pattern: str) -> str:
    """A CLDR date pattern with .NET's letters: `EEEE, MMMM d, y` becomes `dddd, MMMM d, yyyy`."""
    return _DATE_PART.sub(lambda match: _date_field(match["field"]) if match["field"] else match[0], pattern)


def _date_field(field: str) -> str:
    letter, length = field[0], len(field)
    if letter in "Eec":
        return "dddd" if length == 4 else "ddd"
    if letter in "LM":
        return "M" * (length if length <= 4 else 3)
    if letter == "G":
        return "g"
    return "yyyy" if length == 1 else field


def four_digit_year(pattern: str) -> str:
    """A short date pattern with its two-digit year written out, as .NET does."""
    for match in re.finditer(rf"{_QUOTED}|y", pattern):
        if match[0] == "y":
            start = match.start()
            two = run_length(pattern, start) == 2
            return pattern[:start] + "yyyy" + pattern[start + 2 :] if two else pattern
    return pattern


def time_pattern(pattern: str) -> str:
    """A CLDR time pattern with .NET's letters; the narrow space before `a` is lost, as it is in .NET."""
    text, half_day = "", False
    for part in _TIME_PART.findall(pattern):
        if part[0] == "'" or part in ":.Hhms":
            text += part
        elif part in " \u00a0":
            text += " "
        elif part == "a" and not half_day:
            text, half_day = text + "tt", True
    return text


def separator(pattern: str, letters: str) -> str:
    """What stands between the first two different fields of `letters` in a pattern; `""` when there is one field."""
    masked = re.sub(_QUOTED, lambda match: "'" * len(match[0]), pattern)
    fields = list(re.finditer(rf"([{letters}])\1*", masked))
    if len(fields) < 2:
        return ""
    return pattern[fields[0].end() : fields[1].start()].replace("'", "")


def group_sizes(pattern: str) -> tuple[int, ...]:
    """The sizes of digit groups from the right: `(3,)` for `#,##0`, `(3, 2)` for `#,##,##0`, `(0,)` for none."""
    groups = pattern.partition(";")[0].partition(".")[0].split(",")[1:]
    sizes = [sum(group.count(digit) for digit in "#0") for group in reversed(groups)]
    return tuple(sizes) or (0,)


def number_pattern(pattern: str, negative: bool) -> str:
    """A CLDR number pattern as one of .NET's: `n` for the digits, `$`, `%`, `-`, brackets and spaces."""
    positive, _, explicit = pattern.partition(";")
    shape = _shape(explicit) if negative and explicit else _shape(positive)
    if negative and not explicit:
        shape = "-" + shape
    known = _known_shapes(shape, negative)
    return shape if shape in known else known[0]


def _shape(pattern: str) -> str:
    text = re.sub(r"[#0][#0,.]*", "n", pattern).replace("¤", "$").replace("\u00a0", " ").replace("\u202f", " ")
    return "".join(character for character in text if character in "n$%-() ")


def _known_shapes(shape: str, negative: bool) -> tuple[str, ...]:
    if "$" in shape:
        return _CURRENCY_NEGATIVE if negative else _CURRENCY_POSITIVE
    if "%" in shape:
        return _PERCENT_NEGATIVE if negative else _PERCENT_POSITIVE
    return _NUMBER_NEGATIVE
