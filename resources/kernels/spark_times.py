"""strptime patterns in Spark's words: a regular expression takes a text apart, `time_of_parts` puts it together.

Like a strptime, a directive takes as many digits as it can and gives none back.
"""

import re
from typing import Any

import sqlglot.expressions as sge

from billing_assets.contract import ConfigurationError

_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
           "november", "december")  # fmt: skip
_TWO_DIGITS = r"(\d{1,2}+)"
_FORMS = {
    "Y": r"(\d{1,4}+)",
    "y": _TWO_DIGITS,
    "m": _TWO_DIGITS,
    "b": rf"((?i:{'|'.join(name[:3] for name in _MONTHS)}))",
    "B": rf"((?i:{'|'.join(_MONTHS)}))",
    "d": _TWO_DIGITS,
    "H": _TWO_DIGITS,
    "I": r"(0?[1-9]|1[0-2])",
    "M": _TWO_DIGITS,
    "S": _TWO_DIGITS,
    "f": r"(\d{1,6}+)",
    "p": r"((?i:AM|PM))",
    "z": r"([+-]\d\d(?::?\d\d)?)",
}
# The parts of a time: the directives that give each, what stands for it where a pattern has none of them.
_PARTS = (("Yy", "1900"), ("mbB", "1"), ("d", "1"), ("HI", "0"), ("p", ""), ("M", "0"), ("S", "0"), ("f", "0"),
          ("z", ""))  # fmt: skip
_FUNCTIONS = {"y": "year_of_two_digits", "b": "month_of_name", "B": "month_of_name"}


def timestamp(calls: Any, text: sge.Expression, pattern: str) -> sge.Expression:
    """The timestamp that a text gives under a strptime pattern, NULL when it does not fit.

    `calls` makes calls of functions (the compiler's `f.anon`). Raises ConfigurationError for a directive that has no
    form here.
    """
    form, directives = _taken_apart(pattern)

    def part(candidates: str, otherwise: str) -> sge.Expression:
        for place, directive in enumerate(directives, start=1):
            if directive in candidates:
                found = calls.regexp_extract(text, form, place)
                return calls[_FUNCTIONS[directive]](found) if directive in _FUNCTIONS else found
        return sge.convert(otherwise)

    return calls.time_of_parts(*(part(*given) for given in _PARTS))


def _taken_apart(pattern: str) -> tuple[str, list[str]]:
    """The regular expression of a pattern, and the directives of its groups."""
    form, directives = "", []
    for literal, directive in re.findall(r"([^%]+)|%-?(.)", pattern):
        if literal:
            form += re.sub(r"(\\ )+", " +", re.escape(literal))
        elif directive == "%":
            form += "%"
        elif directive in _FORMS and directive not in directives:
            form += _FORMS[directive]
            directives.append(directive)
        else:
            raise ConfigurationError(f"time_format {pattern!r}: the engine spark does not read %{directive} there")
    if "p" in directives and "H" in directives:
        raise ConfigurationError(f"time_format {pattern!r}: %p belongs to %I")
    return rf"^{form}\z", directives
