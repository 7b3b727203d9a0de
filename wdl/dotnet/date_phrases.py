"""Which sequences of numbers, names and separators make a date or a time, and what they mean.

`DateTime.Parse` goes from token to token through the states below; a state in capitals is a whole date or time,
after which it starts again. Source: .NET's documented behaviour of `DateTime.Parse` and its recorded answers.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Token(StrEnum):
    """A number (`n`), month name (`m`) or number of three and more digits (`y`) and what stands behind it."""

    END = "."
    NUMBER_END = "n."
    NUMBER_HALF_DAY = "na"
    NUMBER_SPACE = "n "
    NUMBER_DATE = "n/"
    NUMBER_TIME = "n:"
    MONTH_END = "m."
    MONTH_SPACE = "m "
    MONTH_DATE = "m/"
    DATE_SUFFIX = "nd"
    TIME_SUFFIX = "nt"
    WEEKDAY = "w"
    YEAR_SPACE = "y "
    YEAR_DATE = "y/"
    YEAR_END = "y."
    UTC = "z"
    ERA = "e"
    TIME_MARK = "nT"


START: Final = ""


def _rules(text: str) -> dict[str, dict[str, str]]:
    """Lines of `state: token>next …`; `token>` alone stays in the state."""
    table: dict[str, dict[str, str]] = {}
    for line in text.strip().splitlines():
        state, _, rules = (part.strip() for part in line.partition("|"))
        entries = [rule.partition(">") for rule in rules.split(",")]
        table[state] = {
            token.strip().replace("_", " "): (state if target == "=" else target.strip())
            for token, _, target in entries
        }
    return table


#: state | token>next state. `_` in a token is the space behind a number; `=` stays in the state.
_TABLE: Final = _rules(
    """
      | .>, na>HOUR, n_>n, n/>n/, n:>n:, m_>m, m/>m, nd>D, nt>T, w>, y_>y, y/>y, z>, e>
n     | n.>ND, na>HM, n_>nn, n/>n/n/, m.>NM, m_>nm, m/>mn/, nd>nD, w>=, y_>yn, y/>yn/, y.>YN, z>=, e>=
nn    | .>ND, n.>NNN, na>HMS, n_>NNN, n:>n:, m.>MNN, m_>MNN, nt>T, w>=, y_>NNY, y.>NNY, z>=, e>=
n/    | n.>ND, n_>n/n, n/>n/n/, m.>NM, m_>mn, m/>mn/, w>=, y_>yn, y/>yn/, y.>YN, e>=
n/n   | .>ND, n.>NNN, na>HOUR, n_>NNN, n:>n:, m.>MNN, m_>MNN, nd>DONE, nt>T, w>=, y_>NNY, y.>NNY, e>=
n/n/  | n.>NNN, na>NNN, n_>NNN, m.>MNN, m_>MNN, nd>DONE, w>=, y_>NNY, y.>NNY, e>=
m     | n.>MN, n_>mn, n/>mn/, w>=, y_>ym, y/>ym/, y.>YM, e>=
mn    | .>MN, n.>MNN, na>MNN, n_>MNN, n:>n:, nd>DONE, nt>T, w>=, y_>YMN, y.>YMN, e>=
nm    | .>NM, n.>MNN, na>MNN, n_>MNN, n:>n:, nd>DONE, nt>T, w>=, y_>YMN, y.>YMN, e>=
mn/   | n.>MNN, n_>MNN, w>=, y_>YMN, y.>YMN, e>=
nD    | n:>n:, nd>=, nt>T, w>=, e>=
y     | n.>YN, n_>yn, n/>yn/, m.>YM, m_>ym, m/>ym/, nd>ym, w>=, e>=
yn    | .>YN, n.>YNN, na>YNN, n_>YNN, m.>YMN, m_>YMN, w>=, e>=
yn/   | n.>YNN, na>YNN, n_>YNN, m.>YMN, m_>YMN, w>yn, e>yn
ym    | .>YM, n.>YMN, na>YMN, n_>YMN, w>=, e>=
ym/   | n.>YMN, na>YMN, n_>YMN, w>ym, e>ym
D     | .>DONE, na>HOUR, n_>n:, n:>n:, nd>=, nt>T, w>=, e>=
T     | .>DONE, n.>DONE, na>DONE, n_>n:, n/>n/, nd>D, nt>=, w>=, z>=, e>=
n:    | n.>HM, na>HM, n_>HM, n:>n:n:, m.>NM, m_>nm, nt>T, z>=, e>=
n:n:  | n.>HMS, na>HMS, n_>HMS, nt>T, w>=, z>=, e>=
"""
)


def follow(state: str, token: Token) -> str | None:
    """The state after `token`; None where no date goes on so."""
    return _TABLE[state].get(token)


def is_whole(state: str | None) -> bool:
    """Whether a state is a whole date or time."""
    return state in _WHOLE


#: Named by what was found: numbers (N), a month name (M), a year (Y); DONE: every number said what it is.
_WHOLE: Final = frozenset(
    {"ND", "NNN", "MN", "NM", "MNN", "NNY", "YNN", "YMN", "YN", "YM", "HOUR", "HM", "HMS", "DONE"}
)

#: States in which a year came first, so that a time separator can only part a date.
AFTER_YEAR: Final = frozenset({"y", "yn", "yn/", "ym", "ym/"})
