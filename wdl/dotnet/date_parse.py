"""Reading dates of unknown form, as `DateTime.Parse` with the style RoundtripKind reads them.

The text is read token by token through the states of `date_phrases`. A `Z` gives a UTC instant, an offset one of
the local zone (UTC), nothing an unspecified one. What is missing comes from today's date.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import lru_cache

from wdl.dotnet.culture import Culture
from wdl.dotnet.date_order import resolve
from wdl.dotnet.date_parts import Parts, Unreadable, is_space
from wdl.dotnet.date_phrases import AFTER_YEAR, START, Token, follow, is_whole
from wdl.dotnet.date_tokens import Found, Separator, Vocabulary, Word, vocabulary
from wdl.dotnet.instant import Instant

_MAX_DIGITS = 8
_YEAR_DIGITS = 3


def parse_date(text: str, culture: Culture, today: Callable[[], date]) -> Instant | None:
    """The instant that a text names; None where .NET refuses it. `today` is asked for only when it is needed."""
    parts = _read(text, culture)
    if parts is None:
        return None
    return parts.complete(today) if isinstance(parts, Parts) else parts


@lru_cache(maxsize=4096)
def _read(text: str, culture: Culture) -> Instant | Parts | None:
    """What does not depend on today: the instant, the parts to complete, or None."""
    try:
        parts = _Reader(text, culture).read()
        if parts.needs_today:
            return parts
        return parts.complete(_no_today)
    except Unreadable:
        return None


def _no_today() -> date:
    raise AssertionError("the parts said that they do not need today's date")  # pragma: no cover


class _Reader:
    """One pass over a text. `state` is that of `date_phrases`, `numbers` those not yet understood."""

    def __init__(self, text: str, culture: Culture) -> None:
        self.text = text
        self.dates = culture.dates
        self.vocabulary: Vocabulary = vocabulary(culture)
        self.one_separator = culture.dates.date_separator == culture.dates.time_separator
        self.position = 0
        self.state = START
        self.parts = Parts()
        self.understood = False
        self.numbers: list[int] = []

    def read(self) -> Parts:
        if not self.text:
            raise Unreadable
        token: Token | None = None
        while token not in (Token.END, Token.NUMBER_END, Token.MONTH_END):
            token = self._token()
            if token is Token.TIME_MARK:
                self._iso_time()
                return self.parts
            if token is not None:
                self._advance(token)
        if not self.understood:
            raise Unreadable
        self.parts.apply_half_day()
        return self.parts

    def _advance(self, token: Token) -> None:
        if self.one_separator:
            token = self._as_date(token)
        state = follow(self.state, token)
        if state is None:
            raise Unreadable
        self.state = state
        if is_whole(state):
            self._understand(state)
            self.state = START

    def _as_date(self, token: Token) -> Token:
        """Where one sign parts dates and times, a year tells that it was a date; a sign at the end is dropped."""
        if token in (Token.YEAR_END, Token.YEAR_SPACE, Token.YEAR_DATE):
            self.state = {"n:": "n/", "n:n:": "n/n/"}.get(self.state, self.state)
        at_end = self.position >= len(self.text)
        if not at_end and follow(self.state, token) is not None:
            return token
        return _WITHOUT_SIGN.get(token, (token, token))[0 if at_end else 1]

    def _understand(self, state: str) -> None:
        resolve(state, self.parts, self.numbers, self.dates)
        self.numbers = []
        self.understood = True

    # Tokens

    def _token(self) -> Token | None:
        """The next token; None for one that says nothing by itself."""
        self._skip_spaces()
        if self.position >= len(self.text):
            return Token.END
        if "0" <= self.text[self.position] <= "9":
            return self._number()
        found = self.vocabulary.word(self.text, self.position)
        if found is None:
            self._unknown()
            return None
        self.position += found.length
        return self._word(found)

    def _skip_spaces(self) -> None:
        while self.position < len(self.text) and is_space(self.text[self.position]):
            self.position += 1

    def _digits(self) -> str:
        start = self.position
        while self.position < len(self.text) and "0" <= self.text[self.position] <= "9":
            self.position += 1
        return self.text[start : self.position]

    def _number(self) -> Token:
        digits = self._digits()
        if len(self.numbers) == 3 or len(digits) > _MAX_DIGITS:
            raise Unreadable
        if self.state == "n:n:" and self._here() == "." and self._more():
            self._fraction()
        if self.state in ("n:", "n:n:") and self._more():
            self._offset_ahead()
        if len(digits) >= _YEAR_DIGITS:
            return self._year(int(digits))
        return self._short_number(int(digits))

    def _year(self, year: int) -> Token:
        if self.parts.raw_year is not None:
            raise Unreadable
        self.parts.raw_year = year
        found = self._separator(Token.YEAR_DATE, Token.YEAR_SPACE)
        match found.kind:
            case Separator.END:
                return Token.YEAR_END
            case Separator.HALF_DAY:
                self._half_day(found)
                return Token.YEAR_SPACE
            case Separator.SPACE:
                return Token.YEAR_SPACE
            case Separator.DATE:
                return Token.YEAR_DATE
            case Separator.TIME if self.one_separator:
                return Token.YEAR_DATE
        return self._suffix(found, year)

    def _short_number(self, number: int) -> Token:
        found = self._separator(Token.NUMBER_DATE, Token.NUMBER_SPACE)
        token = self._behind_number(found)
        if token is None:
            return self._suffix(found, number)
        self.numbers.append(number)
        if found.kind is Separator.HALF_DAY and self.state in ("n:", "n:n:"):
            self._offset_ahead()
        return token

    def _behind_number(self, found: Found) -> Token | None:
        match found.kind:
            case Separator.HALF_DAY:
                self._half_day(found)
                if self.state == "n/n":
                    self._understand("ND")
                return Token.NUMBER_HALF_DAY
            case Separator.TIME:
                return Token.NUMBER_DATE if self.one_separator and self.state in AFTER_YEAR else Token.NUMBER_TIME
            case Separator.END:
                return Token.NUMBER_END
            case Separator.SPACE:
                return Token.NUMBER_SPACE
            case Separator.DATE:
                return Token.NUMBER_DATE
            case Separator.TIME_MARK:
                return Token.TIME_MARK
        return None

    def _suffix(self, found: Found, number: int) -> Token:
        """A number that says by a sign behind it what it is, such as a year before `年`."""
        if found.kind not in (Separator.DATE_SUFFIX, Separator.TIME_SUFFIX):
            raise Unreadable
        self.parts.set_named(str(found.value), number)
        return Token.DATE_SUFFIX if found.kind is Separator.DATE_SUFFIX else Token.TIME_SUFFIX

    def _half_day(self, found: Found) -> None:
        if self.parts.half_day is not None:
            raise Unreadable
        self.parts.half_day = int(found.value)

    def _separator(self, with_date: Token, with_space: Token) -> Found:
        """What stands behind a number or month. A hyphen that no date can have here is left for an offset."""
        before = self.position
        while self.position < len(self.text) and (is_space(self._here()) or self._here() == "\u200f"):
            self.position += 1
        if self.position >= len(self.text):
            return _END
        found = None if "0" <= self._here() <= "9" else self.vocabulary.separator(self.text, self.position)
        if found is None:
            return _SPACE
        if found.kind is Separator.DATE_OR_OFFSET:
            if follow(self.state, with_date) is None and is_whole(follow(self.state, with_space)):
                self.position = before
                return _SPACE
            found = found._replace(kind=Separator.DATE)
        self.position += found.length
        return found

    def _word(self, found: Found) -> Token | None:
        match found.kind:
            case Word.MONTH:
                return self._month(int(found.value))
            case Word.WEEKDAY:
                if self.parts.weekday is not None:
                    raise Unreadable
                self.parts.weekday = int(found.value)
                return Token.WEEKDAY
            case Word.HALF_DAY:
                self._half_day(found)
            case Word.ERA:
                return Token.ERA
            case Word.UTC:
                self.parts.set_utc()
                return Token.UTC
        return None

    def _month(self, month: int) -> Token:
        if self.parts.raw_month is not None:
            raise Unreadable
        kind = self._separator(Token.MONTH_DATE, Token.MONTH_SPACE).kind
        self.parts.raw_month = month
        if kind is Separator.TIME and self.one_separator:
            kind = Separator.DATE
        match kind:
            case Separator.END:
                return Token.MONTH_END
            case Separator.SPACE:
                return Token.MONTH_SPACE
            case Separator.DATE:
                return Token.MONTH_DATE
        raise Unreadable

    def _unknown(self) -> None:
        sign = self._here()
        if sign in "+-" and self.parts.offset is None:
            start = self.position
            try:
                self._offset()
                return
            except Unreadable:
                self.position, self.parts.offset = start, None
        self._punctuation()

    def _punctuation(self) -> None:
        """`#` around the whole text and NUL behind it are ignored, as Visual Basic wants it."""
        if self._here() == "#":
            outside = self.text.split("#")
            if len(outside) != 3 or outside[0].strip() or outside[2].strip("\0 \t\r\n") or "\0" in outside[1]:
                raise Unreadable
            self.position += 1
        elif not self.text[self.position :].strip("\0"):
            self.position = len(self.text)
        else:
            raise Unreadable

    # Times

    def _here(self) -> str:
        return self.text[self.position : self.position + 1]

    def _more(self) -> bool:
        """Whether at least one character follows the current one."""
        return self.position < len(self.text) - 1

    def _fraction(self) -> bool:
        """Read the digits behind the point at the position; adding up doubles as .NET does keeps its rounding."""
        self.position += 1
        digits, value, weight = self._digits(), 0.0, 0.1
        for digit in digits:
            value += int(digit) * weight
            weight *= 0.1
        self.parts.fraction = value
        return bool(digits)

    def _offset_ahead(self) -> None:
        ahead = self.position
        while ahead < len(self.text) - 1 and is_space(self.text[ahead]):
            ahead += 1
        if self.text[ahead : ahead + 1] in ("+", "-") and self._more():
            self.position = ahead
            if self.parts.offset is not None:
                raise Unreadable
            self._offset()

    def _offset(self) -> None:
        """`+8`, `+08`, `+0800` or `+08:00`."""
        sign = -1 if self._here() == "-" else 1
        self.position += 1
        digits = self._digits()
        if not 1 <= len(digits) <= 4:
            raise Unreadable
        hours, minutes = (int(digits), 0) if len(digits) <= 2 else divmod(int(digits), 100)
        if len(digits) <= 2 and self._here() == ":":
            self.position += 1
            digits = self._digits()
            if not 1 <= len(digits) <= 2:
                raise Unreadable
            minutes = int(digits)
        if minutes >= 60:
            raise Unreadable
        self.parts.offset = sign * (hours * 60 + minutes)

    def _iso_time(self) -> None:
        """The rest of `2018-03-15T13:07:09.12+02:00` behind the `T`; its forms are stricter than elsewhere."""
        if self.state not in ("yn", "yn/"):
            raise Unreadable
        resolve("YNN", self.parts, self.numbers, self.dates, iso=True)
        self.parts.hour = self._two_digits()
        self._skip_spaces()
        self._expect(":")
        self.parts.minute = self._two_digits()
        self._skip_spaces()
        if self._here() == ":":
            self.position += 1
            self.parts.second = self._two_digits()
            if self._here() == "." and not self._fraction():
                raise Unreadable
            self._skip_spaces()
        self._iso_zone()

    def _two_digits(self) -> int:
        self._skip_spaces()
        digits = self.text[self.position : self.position + 2]
        if len(digits) != 2 or not (digits.isascii() and digits.isdigit()):
            raise Unreadable
        self.position += 2
        return int(digits)

    def _expect(self, sign: str) -> None:
        if self._here() != sign:
            raise Unreadable
        self.position += 1

    def _iso_zone(self) -> None:
        if self._here() in ("+", "-"):
            self._offset()
        elif self._here() in ("Z", "z"):
            self.position += 1
            self.parts.set_utc()
        self._skip_spaces()
        if self._here() == "#":
            self._punctuation()
            self._skip_spaces()
        if self.text[self.position :].strip("\0"):
            raise Unreadable


_END = Found(Separator.END, 0, 0)
_SPACE = Found(Separator.SPACE, 0, 0)
#: A token whose separator is dropped: at the end of the text, and elsewhere.
_WITHOUT_SIGN = {
    Token.YEAR_DATE: (Token.YEAR_END, Token.YEAR_SPACE),
    Token.NUMBER_DATE: (Token.NUMBER_END, Token.NUMBER_SPACE),
    Token.NUMBER_TIME: (Token.NUMBER_END, Token.NUMBER_SPACE),
    Token.MONTH_DATE: (Token.MONTH_END, Token.MONTH_SPACE),
}
