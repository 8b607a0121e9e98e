"""What makes a configuration unusable: each rule yields the rows that break it, with a sentence.

The first broken rule stops the run before any table is replaced. Rules about single values are in
records.py, those about accounts (which are records, not configuration) in accounts.py.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

import ibis
import ibis.expr.types as ir

from billing_assets.contract import ConfigurationError
from billing_assets.exact import MOST_IN_FACTOR
from billing_assets.reference.tables import IDENTITY_FIELDS
from billing_assets.reference.time_bands import band_minutes

Tables = dict[str, ir.Table]
# A quantity and one increment above it must both have room in a QUANTITY.
MOST_UNITS = 400_000_000
Rows = Callable[[ir.Table], list[dict]]


def require_valid(tables: Tables, countries: Iterable[str], rows: Rows) -> None:
    """Check the typed reference tables. Raises ConfigurationError for the first row that breaks a rule."""
    for broken in _rules(tables, sorted(countries)):
        found = broken.select("source_file", "source_line", "problem").order_by("source_file", "source_line").limit(1)
        for row in rows(found):
            raise ConfigurationError(f"{row['source_file']}, line {row['source_line']}: {row['problem']}")
    band_minutes(rows(tables["time_bands"]))
    _require_identity_fields(tables, rows)


def _rules(tables: Tables, countries: Sequence[str]) -> Iterator[ir.Table]:
    t = tables
    yield _outside(t["billing_cycles"], "anchor_day", 1, 28)
    yield _outside(t["billing_cycles"], "run_day", 1, 28)
    vendors = t["accounts"].filter(t["accounts"].role.isin(("vendor", "reseller")))
    yield _unknown(t["catalogues"], "vendor_account_id", vendors, "account_id", "vendor")
    yield _unknown(t["tax_rates"], "tax_code", t["tax_codes"])
    yield _broken(t["tax_rates"], ~t["tax_rates"].country.isin(countries), "country", "is no ISO 3166 country")
    yield _outside(t["tax_rates"], "rate", 0, 100)
    yield from _validity(t["tax_rates"], "tax_code", "country")
    yield from _product_rules(t)
    yield _unknown(t["price_plans"], "catalogue_id", t["catalogues"])
    yield _unknown(t["price_plans"], "currency", t["currencies"])
    yield from _rate_rules(t)
    yield _outside(t["udr_types"], "maximum_quantity", 0, MOST_UNITS)
    yield _unknown(t["udr_type_attributes"], "udr_type", t["udr_types"])
    for column in ("numerator", "denominator"):
        yield _outside(t["unit_conversions"], column, 1, MOST_IN_FACTOR)
    yield _unknown(t["offers"], "catalogue_id", t["catalogues"])
    yield _unknown(t["offers"], "price_plan_id", t["price_plans"])
    yield from _validity(t["offers"])
    yield _unknown(t["offer_products"], "offer_id", t["offers"])
    yield _unknown(t["offer_products"], "product_id", t["products"])
    yield _unknown(t["offer_products"], "currency", t["currencies"])
    yield from _bundle_rules(t)


def _product_rules(t: Tables) -> Iterator[ir.Table]:
    products = t["products"]
    usage = products.product_type == "usage_service"
    yield _unknown(products, "catalogue_id", t["catalogues"])
    yield _unknown(products, "tax_code", t["tax_codes"])
    yield _broken(products, usage & products.udr_type.isnull(), "udr_type", "is required for a usage service")
    yield _unknown(products, "udr_type", t["udr_types"])
    yield _unknown(products, "zone_set", t["zone_prefixes"])
    yield _unknown(products, "time_band_set", t["time_bands"])


def _rate_rules(t: Tables) -> Iterator[ir.Table]:
    rates = t["rates"]
    yield _unknown(rates, "price_plan_id", t["price_plans"])
    usage = t["products"].filter(t["products"].product_type == "usage_service")
    yield _unknown(rates, "product_id", usage, "product_id", "usage service")
    sets = t["products"].select("product_id", "zone_set", "time_band_set")
    placed = rates.join(sets, "product_id")
    yield _unknown_in_set(placed, "zone_id", "zone_set", t["zone_prefixes"])
    yield _unknown_in_set(placed, "time_band_id", "time_band_set", t["time_bands"])
    yield _broken(rates, rates.price_per <= 0, "price_per", "is not above 0")
    for column in ("minimum_quantity", "increment"):
        yield _outside(rates, column, 0, MOST_UNITS)
    yield _broken(rates, rates.minimum_amount < 0, "minimum_amount", "is below 0")
    yield from _validity(rates, "price_plan_id", "product_id", "zone_id", "time_band_id")


def _bundle_rules(t: Tables) -> Iterator[ir.Table]:
    bundles = t["bundles"]
    yield _unknown(bundles, "price_plan_id", t["price_plans"])
    yield _unknown(bundles, "product_id", t["products"])
    placed = bundles.join(t["products"].select("product_id", "zone_set"), "product_id")
    yield _unknown_in_set(placed, "zone_id", "zone_set", t["zone_prefixes"])
    yield _broken(bundles, bundles.included_quantity <= 0, "included_quantity", "is not above 0")
    yield from _validity(bundles, "price_plan_id", "product_id", "zone_id")
    wide = bundles.filter(bundles.zone_id.isnull()).view()
    zoned = bundles.filter(bundles.zone_id.notnull())
    both = zoned.join(
        wide,
        [
            zoned.price_plan_id == wide.price_plan_id,
            zoned.product_id == wide.product_id,
            zoned.valid_from < wide.valid_to,
            wide.valid_from < zoned.valid_to,
        ],
        rname="wide_{name}",
    )
    yield both.mutate(
        problem=_sentence("bundle", both.bundle_id, "covers a zone that bundle", both.wide_bundle_id, "covers as well")
    )


def _sentence(*parts: ir.Value | str) -> ir.StringValue:
    words = [
        ibis.literal(p) if isinstance(p, str) else ibis.literal("'") + p.cast("string") + ibis.literal("'")
        for p in parts
    ]
    return ibis.literal(" ").join(words)


def _broken(rows: ir.Table, condition: ir.BooleanValue, column: str, words: str) -> ir.Table:
    shown = ibis.coalesce(rows[column].cast("string"), ibis.literal(""))
    return rows.filter(condition).mutate(problem=_sentence(column, shown, words))


def _outside(rows: ir.Table, column: str, lowest: int, highest: int) -> ir.Table:
    value = rows[column]
    return _broken(rows, (value < lowest) | (value > highest), column, f"is not between {lowest} and {highest}")


def _unknown(rows: ir.Table, column: str, target: ir.Table, key: str | None = None, noun: str = "") -> ir.Table:
    known = target.select(known=target[key or column]).distinct()
    missing = rows.filter(rows[column].notnull()).anti_join(known, rows[column] == known.known)
    return missing.mutate(problem=_sentence(column, missing[column], f"is no known {noun or column}"))


def _unknown_in_set(rows: ir.Table, column: str, set_column: str, target: ir.Table) -> ir.Table:
    known = target.select(known_set=target[set_column], known=target[column]).distinct()
    missing = rows.filter(rows[column].notnull()).anti_join(
        known, [rows[set_column] == known.known_set, rows[column] == known.known]
    )
    return missing.mutate(
        problem=_sentence(column, missing[column], f"is not in the {set_column} of product", missing.product_id)
    )


def _validity(rows: ir.Table, *group: str) -> Iterator[ir.Table]:
    yield _broken(rows, rows.valid_to <= rows.valid_from, "valid_to", "is not after valid_from")
    if not group:
        return
    other = rows.view()
    same = [rows[g].fill_null("") == other[g].fill_null("") if rows[g].type().is_string() else rows[g] == other[g]
            for g in group]  # fmt: skip
    pairs = rows.join(
        other,
        [
            *same,
            rows.source_line > other.source_line,
            rows.valid_from < other.valid_to,
            other.valid_from < rows.valid_to,
        ],
        rname="other_{name}",
    )
    named = ibis.literal(" ").join(
        [ibis.literal(g + " ") + ibis.coalesce(pairs[g], ibis.literal("any")) for g in group]
    )
    yield pairs.mutate(
        problem=ibis.literal("its validity overlaps that of line ")
        + pairs.other_source_line.cast("string")
        + ibis.literal(" for ")
        + named
    )


def _require_identity_fields(tables: Tables, rows: Rows) -> None:
    attributes: dict[str, set[str]] = {}
    for row in rows(tables["udr_type_attributes"]):
        attributes.setdefault(row["udr_type"], set()).add(row["attribute"])
    for row in rows(tables["udr_types"]):
        known = {*IDENTITY_FIELDS, *attributes.get(row["udr_type"], ())}
        for field in row["identity_fields"].split("|"):
            if field not in known:
                raise ConfigurationError(
                    f"{row['source_file']}, line {row['source_line']}: identity field {field!r} is none of "
                    f"{', '.join(sorted(known))}"
                )
