"""Records of text turned into rows of a contract, and the reasons of those that cannot be."""

from datetime import date
from decimal import Decimal

import ibis
import pyarrow as pa
import pytest

from billing_assets.contract import LINEAGE, ConfigurationError, InputTable, day, flag, integer, number, text
from billing_assets.exact import QUANTITY
from billing_assets.records import first_reason, parse, require_none

SHELF = InputTable(
    "shelf", "tests", "one row per jar", "Jars.",
    (
        text("jar", "Jar", key=True),
        text("lid", "Lid", key=True, default="none"),
        text("colour", "Colour", nullable=True, allowed=("red", "blue")),
        number("weight", QUANTITY, "Weight", nullable=True),
        integer("count", "Count", nullable=True),
        day("filled_on", "Day", nullable=True),
        flag("open", "Open", default="false"),
        *LINEAGE,
    ),
)  # fmt: skip


def records(*given: dict) -> ibis.Table:
    """Text records of the shelf, from line 2 on; columns left out are missing."""
    names = [c.name for c in SHELF.input_columns]
    schema = pa.schema([*((n, pa.string()) for n in names), ("source_file", pa.string()), ("source_line", pa.int64())])
    lines = [{"source_file": "shelf.csv", "source_line": i, **row} for i, row in enumerate(given, start=2)]
    return ibis.memtable(pa.Table.from_pylist(lines, schema=schema))


@pytest.fixture
def parsed(rows, engine):
    """The typed rows, and (line, reason, detail) of the problems."""

    def run(*given: dict):
        typed, problems = parse(records(*given), SHELF, engine.cache)
        broken = rows(problems.select("source_line", "reason", "detail").order_by("source_line"))
        return rows(typed.order_by("source_line")), [tuple(row.values()) for row in broken]

    return run


def test_text_becomes_values(parsed):
    typed, problems = parsed(
        {"jar": " A ", "lid": "cork", "colour": "red", "weight": "-12.50", "count": "7", "filled_on": "2026-02-28",
         "open": "true"}
    )  # fmt: skip
    assert problems == []
    assert typed == [
        {"jar": "A", "lid": "cork", "colour": "red", "weight": Decimal("-12.5"), "count": 7,
         "filled_on": date(2026, 2, 28), "open": True, "source_file": "shelf.csv", "source_line": 2}
    ]  # fmt: skip


def test_empty_fields_are_missing_or_take_the_default(parsed):
    typed, problems = parsed({"jar": "A", "lid": "  ", "colour": "", "weight": " ", "open": ""})
    assert problems == []
    assert typed[0]["lid"] == "none"
    assert typed[0]["open"] is False
    assert [typed[0][c] for c in ("colour", "weight", "count", "filled_on")] == [None] * 4


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", "0"), ("-0", "0"), ("007.10", "7.1"), ("1.", "1"), ("999999999.999999999", "999999999.999999999"),
        # zeros beyond the ninth digit say nothing, and zeros in front neither
        ("1.50000000000000", "1.5"), ("0000000000001", "1"),
    ],
)  # fmt: skip
def test_numbers(parsed, text, value):
    typed, problems = parsed({"jar": "A", "weight": text})
    assert problems == []
    assert typed[0]["weight"] == Decimal(value)


@pytest.mark.parametrize(
    ("record", "reason", "detail"),
    [
        ({"jar": ""}, "MISSING_VALUE", "jar is missing"),
        ({"jar": "A", "colour": "green"}, "NOT_ALLOWED", "colour 'green' is not one of red, blue"),
        ({"jar": "A", "colour": "Red"}, "NOT_ALLOWED", "colour 'Red' is not one of red, blue"),
        ({"jar": "A", "count": "1.5"}, "INVALID_VALUE", "count '1.5' is no whole number"),
        ({"jar": "A", "count": "1e3"}, "INVALID_VALUE", "count '1e3' is no whole number"),
        ({"jar": "A", "open": "yes"}, "INVALID_VALUE", "open 'yes' is neither true nor false"),
        ({"jar": "A", "filled_on": "28.02.2026"}, "INVALID_VALUE", "filled_on '28.02.2026' is no date YYYY-MM-DD"),
        ({"jar": "A", "filled_on": "2026-02-30"}, "INVALID_VALUE", "filled_on '2026-02-30' is no date YYYY-MM-DD"),
        ({"jar": "A", "filled_on": "2026-2-3"}, "INVALID_VALUE", "filled_on '2026-2-3' is no date YYYY-MM-DD"),
        # no year 0 in the calendar; years below 1000 overflow in time zones
        ({"jar": "A", "filled_on": "0000-01-01"}, "INVALID_VALUE", "filled_on '0000-01-01' is no date YYYY-MM-DD"),
    ],
)  # fmt: skip
def test_what_can_be_wrong_with_a_value(parsed, record, reason, detail):
    assert parsed(record) == ([], [(2, reason, detail)])


@pytest.mark.parametrize(
    "text",
    ["1,5", "1e3", "+1", ".5", "1 000", "1_000", "NaN", "Infinity", "0x10", "--1",
     "1000000000", "0.0000000001", "1.0000000001"],
)  # fmt: skip
def test_what_is_no_number_of_the_column(parsed, text):
    """Digits beyond the ninth would be rounded away, so such a text is refused, not rounded."""
    ((line, reason, detail),) = parsed({"jar": "A", "weight": text})[1]
    assert (line, reason) == (2, "INVALID_VALUE")
    assert detail == f"weight '{text}' is no number with up to 9 digits before and 9 after the point"


def test_of_rows_with_the_same_key_the_first_is_kept(parsed):
    typed, problems = parsed({"jar": "A", "weight": "1"}, {"jar": "B"}, {"jar": "A", "lid": "none", "weight": "2"})
    assert [(row["jar"], row["weight"]) for row in typed] == [("A", Decimal(1)), ("B", None)]
    assert problems == [(4, "DUPLICATE_KEY", "A, none occurs more than once")]


def test_a_row_that_cannot_be_used_does_not_stand_in_the_way(parsed):
    typed, problems = parsed({"jar": "A", "count": "x"}, {"jar": "A", "count": "1"}, {"jar": "A", "count": "2"})
    assert [row["source_line"] for row in typed] == [3]
    assert [(line, reason) for line, reason, _ in problems] == [(2, "INVALID_VALUE"), (4, "DUPLICATE_KEY")]


def test_the_first_reason_wins(parsed):
    """Columns are looked at in their order; a repeated key comes last."""
    assert [reason for _, reason, _ in parsed({"jar": "A", "colour": "green", "count": "x"})[1]] == ["NOT_ALLOWED"]
    assert [reason for _, reason, _ in parsed({"jar": "A"}, {"jar": "A", "count": "x"})[1]] == ["INVALID_VALUE"]


def test_a_configuration_must_have_no_problems(engine):
    broken = records({"jar": "A"}, {"jar": "B", "count": "x"}, {"jar": "", "lid": "l"})
    _, problems = parse(broken, SHELF, engine.cache)
    words = r"^shelf\.csv, line 3: count 'x' is no whole number \(INVALID_VALUE\)$"
    with pytest.raises(ConfigurationError, match=words):
        require_none(problems, engine.execute)
    require_none(problems.filter(problems.source_line > 9), engine.execute)


def test_first_reason_names_field_and_value(rows):
    jars = ibis.memtable({"place": [1, 2, 3, 4], "jar": ["A", "B", None, "C"]})
    judged = first_reason(
        jars,
        (jars.jar == "A", "BAD", "jar", jars.jar),
        (jars.jar.isin(("A", "B")), "WORSE", "jar", jars.jar),
        (jars.jar.isnull(), "MISSING", "jar", None),
    )
    assert [(r["reason"], r["detail"]) for r in rows(judged.order_by("place"))] == [
        ("BAD", "jar 'A'"), ("WORSE", "jar 'B'"), ("MISSING", "jar is missing"), (None, None),
    ]  # fmt: skip


def test_a_rule_without_a_reason_keeps_the_earlier_one(rows):
    jars = ibis.memtable({"jar": ["A"], "reason": ["EARLIER"], "detail": ["what it was"]})
    judged = first_reason(jars, (jars.reason.notnull(), None, None, None), (jars.jar == "A", "LATER", "jar", jars.jar))
    assert [(r["reason"], r["detail"]) for r in rows(judged)] == [("EARLIER", "what it was")]
