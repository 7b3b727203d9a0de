"""Which number is the year, the month and the day: as the culture's own patterns order them."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

from wdl.dotnet.culture import DateFormat
from wdl.dotnet.date_parts import Parts, Unreadable, four_digit_year

_LETTERS = re.compile(r"'[^']*'|\"[^\"]*\"|\\.|%|y+|M+|d+")


@lru_cache(maxsize=256)
def order(pattern: str, letters: str) -> str:
    """The order of the parts in a pattern, e.g. `Mdy`; day names (`ddd`) do not count."""
    found = [match[0] for match in _LETTERS.finditer(pattern) if match[0][0] in letters]
    return "".join(run[0] for run in found if not (run[0] == "d" and len(run) > 2))[: len(letters)]


def resolve(state: str, parts: Parts, numbers: list[int], dates: DateFormat, iso: bool = False) -> None:
    """Take over the numbers of a whole date or time into the parts. `iso`: year, month, day in this order."""
    if state in ("HOUR", "HM", "HMS"):
        _time(parts, numbers, state)
    elif state != "DONE":
        _date(state, parts, numbers, dates, iso)


def _time(parts: Parts, numbers: list[int], state: str) -> None:
    if parts.has_time or (state == "HOUR" and parts.half_day is None):
        raise Unreadable
    parts.has_time = True
    count = {"HOUR": 1, "HM": 2, "HMS": 3}[state]
    parts.hour, parts.minute, parts.second = (*numbers[:count], 0, 0)[:3]


def _date(state: str, parts: Parts, numbers: list[int], dates: DateFormat, iso: bool) -> None:
    if parts.has_date:
        raise Unreadable
    for year, month, day in _candidates(state, parts, numbers, dates, iso):
        if _exists(year, month, day):
            parts.year, parts.month, parts.day = year, month, day
            parts.has_date = state not in ("MN", "NM")
            return
    raise Unreadable


_Candidate = tuple[int | None, int, int]


def _exists(year: int | None, month: int, day: int) -> bool:
    """Whether there is such a day; a year still to come is taken for one with a 29 February."""
    try:
        date(2000 if year is None else year, month, day)
    except ValueError:
        return False
    return True


def _candidates(state: str, parts: Parts, n: list[int], dates: DateFormat, iso: bool) -> list[_Candidate]:
    """The readings of a whole date, likeliest first."""
    year, month = parts.raw_year or 0, parts.raw_month or 0
    short = order(dates.short_date, "yMd")
    match state:
        case "ND":
            first, second = n[:2]
            return [(None, first, second) if order(dates.month_day, "Md") == "Md" else (None, second, first)]
        case "NNN":
            return _three(short, n)
        case "MN" | "NM":
            return [_month_and_number(state, month, n[0], dates)]
        case "MNN":
            return _month_and_two(short, month, n)
        case "NNY":
            return [(year, n[0], n[1]) if short in ("Mdy", "yMd") else (year, n[1], n[0])]
        case "YNN":
            return [(year, n[1], n[0]) if short == "ydM" and not iso else (year, n[0], n[1])]
        case "YMN":
            return [(year, month, n[0])]
        case "YN":
            return [(year, n[0], 1)]
        case _:
            return [(year, month, 1)]


def _three(short: str, n: list[int]) -> list[_Candidate]:
    if len(short) != 3:
        return []
    value = dict(zip(short, n, strict=True))
    return [(four_digit_year(value["y"]), value["M"], value["d"])]


def _month_and_number(state: str, month: int, number: int, dates: DateFormat) -> _Candidate:
    """A month name and a number: the day, unless the culture writes days on the other side and years on this one."""
    month_day, year_month = order(dates.month_day, "Md"), order(dates.year_month, "yM")
    as_year = (month_day, year_month) == (("dM", "My") if state == "MN" else ("Md", "yM"))
    return (four_digit_year(number), month, 1) if as_year else (None, month, number)


def _month_and_two(short: str, month: int, n: list[int]) -> list[_Candidate]:
    day_first = (four_digit_year(n[1]), month, n[0])
    year_first = (four_digit_year(n[0]), month, n[1])
    if short == "yMd":
        return [year_first, day_first]
    return [day_first, year_first] if short in ("Mdy", "dMy") else []
