"""What .NET formats with: the fields of `DateTimeFormatInfo` and `NumberFormatInfo`, and the invariant culture."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """Symbols and shapes for numbers. Patterns hold `n` for the digits, `$`, `%` and `-` for the symbols."""

    decimal_separator: str = "."
    group_separator: str = ","
    group_sizes: tuple[int, ...] = (3,)
    decimal_digits: int = 2
    negative_pattern: str = "-n"
    currency_symbol: str = "¤"
    currency_decimal_separator: str = "."
    currency_group_separator: str = ","
    currency_group_sizes: tuple[int, ...] = (3,)
    currency_decimal_digits: int = 2
    currency_positive_pattern: str = "$n"
    currency_negative_pattern: str = "($n)"
    percent_positive_pattern: str = "n %"
    percent_negative_pattern: str = "-n %"
    negative_sign: str = "-"
    positive_sign: str = "+"
    percent_symbol: str = "%"
    per_mille_symbol: str = "‰"
    nan_symbol: str = "NaN"
    infinity_symbol: str = "Infinity"
    negative_infinity_symbol: str = "-Infinity"


@dataclass(frozen=True, slots=True)
class DateFormat:
    """Names and patterns for dates. Month names start with January, day names with Sunday."""

    month_names: tuple[str, ...]
    genitive_month_names: tuple[str, ...]
    short_month_names: tuple[str, ...]
    short_genitive_month_names: tuple[str, ...]
    day_names: tuple[str, ...]
    short_day_names: tuple[str, ...]
    am: str = "AM"
    pm: str = "PM"
    era: str = "A.D."
    short_era: str = "AD"
    date_separator: str = "/"
    time_separator: str = ":"
    short_date: str = "MM/dd/yyyy"
    long_date: str = "dddd, dd MMMM yyyy"
    month_day: str = "MMMM dd"
    year_month: str = "yyyy MMMM"
    short_time: str = "HH:mm"
    long_time: str = "HH:mm:ss"
    year_offset: int = 0

    @property
    def has_genitive_months(self) -> bool:
        """Whether a month name changes beside a day number."""
        return (
            self.month_names != self.genitive_month_names or self.short_month_names != self.short_genitive_month_names
        )


@dataclass(frozen=True, slots=True, eq=False)
class Culture:
    """A named set of formats; one object for a name, compared and hashed by identity so that it can key caches."""

    name: str
    dates: DateFormat
    numbers: NumberFormat = field(default_factory=NumberFormat)


_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
_SHORT_MONTHS = tuple(name[:3] for name in _MONTHS)

#: `CultureInfo.InvariantCulture`: fixed by .NET, independent of any locale data.
INVARIANT = Culture(
    "",
    DateFormat(_MONTHS, _MONTHS, _SHORT_MONTHS, _SHORT_MONTHS, _DAYS, tuple(name[:3] for name in _DAYS)),
)
