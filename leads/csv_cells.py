"""Cells of a CSV file that a spreadsheet opens as what they are: texts.

Whoever writes a lead writes what a sales person opens in Excel: `=HYPERLINK(…)` or `=cmd|…` in a company's name would
be carried out (OWASP, "CSV Injection"). Excel also takes the leading zeros of a telephone number away, and the last
digits of a long one. Such texts get an apostrophe in front, as one types it in Excel.
"""

from __future__ import annotations

import re

# What begins a formula, also in its full-width form, which Japanese versions of Excel take.
_FORMULA = "=+\\-@\uff1d\uff0b\uff0d\uff20"
_LEADING = re.compile(rf'[\s"\']*[{_FORMULA}]')
# The same after a separator: a program that expects another separator, or does not know quotes, begins a cell there.
# A run of white space and quotes is looked at once, from its beginning: a long one costs no more than its length.
_INNER = re.compile(rf'(?<![,;"\s])([,;"\s]++)(?=[{_FORMULA}])')
_LOSES_DIGITS = re.compile(r"\s*(?:0\d+|\d{12,})\s*")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
# What any of the above can begin with: most texts have none of it, and one look is enough.
_SUSPECT = re.compile(rf'^[\s"\']*+[0-9{_FORMULA}]|(?<![,;"\s])[,;"\s]++[{_FORMULA}]|[\x00-\x08\x0b-\x1f\x7f]')


def safe_cell(text: str) -> str:
    """A text that no spreadsheet runs as a formula or shortens as a number.

    >>> safe_cell("=1+1"), safe_cell("+4930123"), safe_cell("0049 30"), safe_cell("00493"), safe_cell("Contoso")
    ("'=1+1", "'+4930123", '0049 30', "'00493", 'Contoso')
    """
    return _guarded(text) if _SUSPECT.search(text) else text


def _guarded(text: str) -> str:
    clean = _CONTROLS.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n"))
    guarded = _INNER.sub(_apostrophe_after_separator, clean)
    return f"'{guarded}" if _LEADING.match(clean) or _LOSES_DIGITS.fullmatch(clean) else guarded


def _apostrophe_after_separator(run: re.Match[str]) -> str:
    return f"{run[0]}'" if any(separator in run[0] for separator in ",;\t\n") else run[0]
