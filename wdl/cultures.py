"""Cultures by name, with Babel's CLDR data read the way .NET on Linux reads ICU's.

The invariant culture is .NET's own. Every other culture takes its patterns, names and symbols from CLDR: short date,
full date, medium and short time, the `yMMMM` and `MMMMd` skeletons, stand-alone names and (beside a day number)
format names, and the number, currency and percent patterns. `wdl.dotnet.icu` turns CLDR's patterns into .NET's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from babel import Locale
from babel.core import UnknownLocaleError
from babel.localedata import Alias, load
from babel.numbers import get_currency_precision, get_territory_currencies

from wdl.dotnet import icu
from wdl.dotnet.culture import INVARIANT, Culture, DateFormat, NumberFormat

#: ICU reads names of at most this many characters, and languages of at most eleven.
_MAX_NAME: Final = 157
_MAX_LANGUAGE: Final = 11
_NUMBERING: Final = "default_numbering_system"
_NO_CURRENCY: Final = "XXX"
#: Years added to the Gregorian one by the calendar that .NET gives a language by default.
_YEAR_OFFSETS: Final = {"th": 543}


def find_culture(name: str) -> Culture | None:
    """The culture called `name` (`en-US`, any case; `''`: invariant), or None where .NET finds none.

    Like .NET with ICU, a name that is merely well formed is accepted: its data is that of the nearest known
    parent, in the end of the root locale.
    """
    if not name:
        return INVARIANT
    return _named(name.lower()) if _well_formed(name) else None


def _well_formed(name: str) -> bool:
    language = name.replace("_", "-").partition("-")[0]
    return name.isascii() and "@" not in name and len(language) <= _MAX_LANGUAGE and len(name) < _MAX_NAME


@lru_cache(maxsize=256)
def _named(name: str) -> Culture:
    locale = _nearest_locale(name)
    data = _Cldr(str(locale))
    return Culture(name, _date_format(data, locale.language), _number_format(data, locale.territory))


def _nearest_locale(name: str) -> Locale:
    parts = name.replace("_", "-").split("-")
    while parts:
        try:
            return Locale.parse("-".join(parts), sep="-")
        except (UnknownLocaleError, ValueError):
            parts.pop()
    return Locale("root")


class _Cldr:
    """CLDR's data of one locale, by its own keys.

    Babel's `Locale` writes the aliases it resolves into dictionaries that locales share, so that one locale's names
    turn up in another, and it drops what a locale adds to an alias of an alias: hence this reader, which changes
    nothing.
    """

    def __init__(self, identifier: str) -> None:
        self._root = load(identifier)

    def at(self, *keys: Any) -> Any:
        value: Any = self._root
        for key in keys:
            value = self._resolved(value[key])
        return value

    def _resolved(self, value: Any) -> Any:
        if isinstance(value, Alias):
            return self.at(*value.keys)
        if isinstance(value, tuple):
            alias, own = value
            return {**self._resolved(alias), **own}
        return value


def _date_format(data: _Cldr, language: str) -> DateFormat:
    short_date = icu.four_digit_year(icu.date_pattern(data.at("date_formats", "short").pattern))
    long_time = icu.time_pattern(data.at("time_formats", "medium").pattern)
    # Babel keeps no aliases here: what is not said in the wide form is as in the short one.
    half_days = {**data.at("day_periods", "format", "abbreviated"), **data.at("day_periods", "format", "wide")}
    return DateFormat(
        month_names=_names(data.at("months", "stand-alone", "wide"), _MONTHS),
        genitive_month_names=_names(data.at("months", "format", "wide"), _MONTHS),
        short_month_names=_names(data.at("months", "stand-alone", "abbreviated"), _MONTHS),
        short_genitive_month_names=_names(data.at("months", "format", "abbreviated"), _MONTHS),
        day_names=_names(data.at("days", "stand-alone", "wide"), _SUNDAY_FIRST),
        short_day_names=_names(data.at("days", "stand-alone", "abbreviated"), _SUNDAY_FIRST),
        am=half_days["am"],
        pm=half_days["pm"],
        era=data.at("eras", "abbreviated", 1),
        short_era=data.at("eras", "abbreviated", 1),
        date_separator=icu.separator(short_date, "dyM"),
        time_separator=icu.separator(long_time, "Hhms"),
        short_date=short_date,
        long_date=icu.date_pattern(data.at("date_formats", "full").pattern),
        month_day=icu.date_pattern(_skeleton(data, "MMMMd", "MMMd")),
        year_month=icu.date_pattern(_skeleton(data, "yMMMM", "yMMM")),
        short_time=icu.time_pattern(data.at("time_formats", "short").pattern),
        long_time=long_time,
        year_offset=_YEAR_OFFSETS.get(language, 0),
    )


_MONTHS: Final = range(1, 13)
_SUNDAY_FIRST: Final = (6, 0, 1, 2, 3, 4, 5)


def _names(names: Mapping[Any, str], keys: Sequence[int]) -> tuple[str, ...]:
    return tuple(names[key] for key in keys)


def _skeleton(data: _Cldr, wanted: str, shorter: str) -> str:
    """The pattern of a skeleton; where CLDR has only the one with the short month name, that one widened."""
    skeletons = data.at("datetime_skeletons")
    if wanted in skeletons:
        return str(skeletons[wanted].pattern)
    pattern = str(skeletons[shorter].pattern)
    return pattern.replace("LLL", "LLLL").replace("MMM", "MMMM")


def _number_format(data: _Cldr, territory: str | None) -> NumberFormat:
    symbols = {**data.at("number_symbols", "latn"), **data.at("number_symbols").get(data.at(_NUMBERING), {})}
    number = data.at("decimal_formats", None)
    currency = data.at("currency_formats", "standard").pattern
    percent = data.at("percent_formats", None).pattern
    code = _currency(territory)
    return NumberFormat(
        decimal_separator=symbols["decimal"],
        group_separator=symbols["group"],
        group_sizes=icu.group_sizes(number.pattern),
        decimal_digits=number.frac_prec[1],
        negative_pattern=icu.number_pattern(number.pattern, negative=True),
        currency_symbol=data.at("currency_symbols").get(code, code) if code != _NO_CURRENCY else "¤",
        currency_decimal_separator=symbols.get("currencyDecimal", symbols["decimal"]),
        currency_group_separator=symbols.get("currencyGroup", symbols["group"]),
        currency_group_sizes=icu.group_sizes(currency),
        currency_decimal_digits=get_currency_precision(code) if code != _NO_CURRENCY else 2,
        currency_positive_pattern=icu.number_pattern(currency, negative=False),
        currency_negative_pattern=icu.number_pattern(currency, negative=True),
        percent_positive_pattern=icu.number_pattern(percent, negative=False),
        percent_negative_pattern=icu.number_pattern(percent, negative=True),
        negative_sign=symbols["minusSign"],
        positive_sign=symbols["plusSign"],
        percent_symbol=symbols["percentSign"],
        per_mille_symbol=symbols["perMille"],
        nan_symbol=symbols["nan"],
        infinity_symbol=symbols["infinity"],
        negative_infinity_symbol=symbols["minusSign"] + symbols["infinity"],
    )


def _currency(territory: str | None) -> str:
    """The currency of the culture's country; none for a culture without a country."""
    currencies = get_territory_currencies(territory) if territory else []
    return str(currencies[-1]) if currencies else _NO_CURRENCY
