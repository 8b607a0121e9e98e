"""What is wrong with a configuration: one sentence that names file and row, and no table is replaced."""

from collections.abc import Callable

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests_support import SETTINGS, TABLES, Company, bill_inputs, lake_files

from billing_assets.contract import ConfigurationError


def _row(table: str, **values: object) -> Callable[[Company], object]:
    """The first row of a table with other values."""
    return lambda company: company.change(table, 0, **values)


def _added(table: str, of: int = 0, **values: object) -> Callable[[Company], object]:
    """One more row in a table: another one of its rows with other values."""
    return lambda company: company.add(table, TABLES[table][of] | values)


def _file(name: str, content: str | bytes) -> Callable[[Company], object]:
    return lambda company: company.write(name, content)


def _toml(old: str, new: str) -> Callable[[Company], object]:
    return _file("billing.toml", SETTINGS.replace(old, new))


def _without(table: str, column: str) -> Callable[[Company], object]:
    return lambda company: company.table(
        table, [{name: value for name, value in row.items() if name != column} for row in TABLES[table]]
    )


def _cut(name: str, length: int) -> Callable[[Company], object]:
    return lambda company: company.write(name, (company.root / name).read_bytes()[:-length])


def _catalogue(table: str, *rows: dict) -> Callable[[Company], object]:
    """A usage catalogue of calls, with some rows in another of its tables."""

    def spoil(company: Company) -> None:
        company.table("usage_catalogues", [{"usage_catalogue_id": "PPV", "name": "Calls"}])
        company.table(table, [{"usage_catalogue_id": "PPV"} | row for row in rows])

    return spoil


def _both_formats(company: Company) -> None:
    pq.write_table(pa.table({"tax_code": ["STANDARD"], "name": ["VAT"]}), company.root / "tax_codes.parquet")


RATE_LINES = len(TABLES["rates"]) + 2
CONFIGURATION = [
    ("a file is missing", lambda company: (company.root / "products.csv").unlink(),
     "products.csv: the file is missing in "),
    ("a column is missing", _without("rates", "product_id"), "rates.csv: the column 'product_id' is missing"),
    ("a column too many", _row("rates", colour="red"), "rates.csv: the column 'colour' is not one of "),
    ("a column twice", _file("tax_codes.csv", "tax_code,name,name\nSTANDARD,VAT,VAT\n"),
     "tax_codes.csv: the column 'name' occurs more than once"),
    ("wrong encoding", _file("tax_codes.csv", "tax_code,name\nSTANDARD,VAT\nREDUCED,Réduit\n".encode("latin-1")),
     "tax_codes.csv, line 3: the line is not utf-8"),
    ("empty file", _file("products.csv", b""), "products.csv: the file is empty"),
    ("too many fields", _file("tax_codes.csv", "tax_code,name\nSTANDARD,VAT,20\n"),
     "tax_codes.csv, line 2: 3 columns instead of 2"),
    ("file cut in its last line", _cut("products.csv", 12), "products.csv, line 4: "),
    ("two files for one table", _both_formats, "tax_codes.parquet: there is tax_codes.csv as well; leave one of them"),
    ("parquet cut short", _file("zone_prefixes.parquet", b"PAR1 half"),
     "zone_prefixes.parquet: there is zone_prefixes.csv as well; leave one of them"),
    ("orders without a column", _without("imported_orders", "product_id"),
     "imported_orders.csv: the column 'product_id' is missing"),
    ("missing value", _row("rates", product_id=""), "rates.csv, line 2: product_id is missing (MISSING_VALUE)"),
    ("neither price nor tiers", _row("rates", unit_price=""),
     "rates.csv, line 2: unit_price '' is missing, and there are no tiers"),
    ("invalid number", _row("rates", unit_price="0,06"), "rates.csv, line 2: unit_price '0,06' is no number with "),
    ("invalid date", _row("rates", valid_from="1 May"), "rates.csv, line 2: valid_from '1 May' is no date YYYY-MM-DD"),
    ("value not allowed", _row("products", product_type="gift"),
     "products.csv, line 2: product_type 'gift' is not one of "),
    ("same key twice", _added("tax_codes"), "tax_codes.csv, line 3: STANDARD occurs more than once (DUPLICATE_KEY)"),
    ("unknown vendor", _row("catalogues", vendor_account_id="ANNA"),
     "catalogues.csv, line 2: vendor_account_id 'ANNA' is no known vendor"),
    ("unknown tax code", _row("products", tax_code="LUXURY"),
     "products.csv, line 2: tax_code 'LUXURY' is no known tax_code"),
    ("unknown currency of a plan", _row("price_plans", currency="EURO"),
     "price_plans.csv, line 2: currency 'EURO' is no known currency"),
    ("rate of an unknown product", _row("rates", product_id="FAX"),
     "rates.csv, line 2: product_id 'FAX' is no known product_id"),
    ("overlapping rates", _added("rates", rate_id="ABROAD-2", valid_from="2026-06-01"),
     f"rates.csv, line {RATE_LINES}: its validity overlaps that of line 2 for price_plan_id PLAN"),
    ("overlapping time bands", _added("time_bands", time_band_id="late", start_time="23:00"),
     "time_bands.csv, line 3: band 'late' of set 'week' overlaps 'night' of time_bands.csv, line 2"),
    ("holidays of an unknown country", _row("time_bands", weekdays="1-7,H", holiday_country="XY"),
     "time_bands.csv, line 2: holiday_country 'XY' is no country with holidays, nor a subdivision as in DE-BY"),
    ("a day off that no band asks for",
     lambda company: company.add("company_holidays", {"country": "FR", "day": "2026-12-24", "name": "Eve"}),
     "company_holidays.csv, line 2: no time band is for holidays (weekdays with H)"),
    ("unknown identity field", _row("udr_types", identity_fields="source|colour"),
     "udr_types.csv, line 2: identity field 'colour' is none of "),
    ("allowed value of another type",
     lambda company: company.add("udr_type_attributes", {"udr_type": "voice", "attribute": "cell",
                                                         "attribute_type": "day", "allowed_values": "today"}),
     "udr_type_attributes.csv, line 2: allowed value 'today' is no day"),
    ("catalogue entry of no usage service",
     _catalogue("usage_catalogue_entries", {"entry_id": "E1", "product_id": "MOBILE"}),
     "usage_catalogue_entries.csv, line 2: product_id 'MOBILE' is no known usage service"),
    ("catalogue entry of nothing", _catalogue("usage_catalogue_entries", {"entry_id": "E1"}),
     "usage_catalogue_entries.csv, line 2: entry_id 'E1' does not name exactly one of product_id, product_type and "),
    ("overlapping periods of a catalogue",
     _catalogue("usage_catalogue_periods", {"valid_to": "2026-03-01"}, {"valid_from": "2026-02-28"}),
     "usage_catalogue_periods.csv, line 3: its validity overlaps that of line 2 for usage_catalogue_id PPV"),
    ("unknown field of a condition", _catalogue("usage_catalogue_conditions", {"field": "age", "allowed_values": "18"}),
     "usage_catalogue_conditions.csv, line 2: field 'age' is not one of classification, country, "),
    ("condition of an unknown termed service",
     _catalogue("usage_catalogue_conditions", {"field": "termed_product_id", "allowed_values": "SIM"}),
     "usage_catalogue_conditions.csv, line 2: termed_product_id 'SIM' is no known termed service"),
    ("usage orders without a column", _file("usage_orders.csv", "source,source_order_id\nshop,U1\n"),
     "usage_orders.csv: the column 'source_line_id' is missing"),
    ("unknown usage source", _file("usage/fax/2026-01-12/a.csv", "id\n1\n"),
     "usage/fax/2026-01-12/a.csv: billing.toml has no section [usage.fax] for it"),
    ("billing.toml is no TOML", _file("billing.toml", "first_month = "), "billing.toml: "),
    ("billing.toml is missing", lambda company: (company.root / "billing.toml").unlink(),
     "billing.toml: the file is missing"),
    ("unknown key", _toml("[usage.switch]", "[usage.switch]\ncolour = 1"),
     "billing.toml: usage.switch.colour: Extra inputs are not permitted"),
    ("no first month", _toml('first_month = "2026-01"', ""), "billing.toml: first_month: Field required"),
    ("impossible first month", _toml("2026-01", "2026-13"), "billing.toml: first_month: "),
    ("unknown time zone", _toml("Europe/Paris", "Europe/Atlantis"),
     "billing.toml: usage.switch.time_zone: time_zone 'Europe/Atlantis' is not an IANA time zone"),
    ("unknown encoding", _toml("[usage.switch]", '[usage.switch]\nencoding = "morse"'),
     "billing.toml: usage.switch.encoding: encoding 'morse' is unknown"),
    ("unknown field", _toml("record_id =", "colour ="),
     "billing.toml: usage.switch: 'colour' is no field of a usage record"),
    ("unit without a conversion", _toml('unit = "s"', 'unit = "hour"'),
     "billing.toml: usage.switch: unit_conversions has no row from 'hour' to 's', the unit of UDR type 'voice'"),
    ("mandatory field not mapped", _toml('quantity = "seconds"', ""),
     "billing.toml: usage.switch: field 'quantity' is neither a column nor a constant"),
]  # fmt: skip


# Each is a run of some seconds; what is said of each is in tests/reference, too.
FIRST = 6


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        pytest.param(*case, id=name, marks=() if place < FIRST else pytest.mark.long)
        for place, (name, *case) in enumerate(CONFIGURATION)
    ],
)
def test_broken_configuration_stops_the_run_before_it_begins(billed, tmp_path, spoil, sentence):
    company = Company(tmp_path / "inputs")
    spoil(company)
    before = lake_files(billed / "lake")
    with pytest.raises(ConfigurationError) as caught:
        bill_inputs(company.root, billed / "lake", "2026-01")
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)
    assert lake_files(billed / "lake") == before


def test_a_month_before_the_first(billed, company):
    before = lake_files(billed / "lake")
    with pytest.raises(ConfigurationError, match="first_month is 2026-01; 2025-12 is before it"):
        bill_inputs(company.root, billed / "lake", "2025-12")
    assert lake_files(billed / "lake") == before
