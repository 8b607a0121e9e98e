"""Rates of the EU where a company has none of its own."""

from decimal import Decimal

from billing_assets.reference.tables import TAX_RATES
from billing_assets.taxation.eu import EU_COUNTRIES, SOURCE, default_rates


def _made(kind: str, *own: tuple[str, str]) -> dict[str, Decimal]:
    rows = default_rates([{"tax_code": "X", "default_rate": kind}], own, TAX_RATES).to_pylist()
    assert {row["source_file"] for row in rows} == ({SOURCE} if rows else set())
    assert [row["source_line"] for row in rows] == list(range(1, len(rows) + 1))
    return {row["country"]: row["rate"] for row in rows}


def test_standard_rates():
    """Those that the Commission publishes for 2026, of all 27 members."""
    made = _made("standard")
    assert tuple(made) == EU_COUNTRIES and len(made) == 27
    published = {"DE": "19", "FR": "20", "FI": "25.5", "HU": "27", "LU": "17", "SK": "23", "EE": "24", "RO": "21"}
    assert {country: made[country] for country in published} == {c: Decimal(rate) for c, rate in published.items()}


def test_a_reduced_rate_is_taken_where_there_is_only_one():
    """Germany has 7 %; of France's, nobody knows which one a supply has."""
    made = _made("reduced")
    assert made["DE"] == 7 and not made.keys() & {"FR", "BE", "DK"}


def test_own_rates_win():
    assert "FR" not in _made("standard", ("X", "FR")) and "FR" in _made("standard", ("Y", "FR"))
