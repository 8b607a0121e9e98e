"""What makes a configuration unusable: each rule yields the rows that break it, with a sentence.

The first broken rule stops the run before any table is replaced. Rules about single values are in
records.py, those about accounts (which are records, not configuration) in accounts.py.
"""

from collections.abc import Callable, Container, Iterable, Iterator

import ibis
import ibis.expr.types as ir

from billing_assets.contract import ConfigurationError
from billing_assets.reference.accounts import MOST_PAYMENT_DAYS
from billing_assets.reference.advance_rules import buy_in_advance_rules
from billing_assets.reference.availability_rules import availability_rules
from billing_assets.reference.broken import Rule, broken, outside, problems, unknown, validity
from billing_assets.reference.bundle_reach import require_apart
from billing_assets.reference.bundle_rules import bundle_rules, commitment_rules, condition_of_bundle_rules
from billing_assets.reference.catalogue_rules import catalogue_rules
from billing_assets.reference.condition_rules import condition_rules
from billing_assets.reference.discount_rules import discount_rules
from billing_assets.reference.life_rules import (
    account_fee_rules,
    index_rules,
    invoice_minimum_rules,
    offer_term_rules,
    scheme_term_rules,
)
from billing_assets.reference.price_rules import (
    lookup_rules,
    plan_rules,
    rate_condition_rules,
    rate_rules,
    tier_rules,
)
from billing_assets.reference.privilege_rules import privilege_rules
from billing_assets.reference.scheme_rules import scheme_rules
from billing_assets.reference.split_rules import split_rules
from billing_assets.reference.tariff_rules import tariff_rules
from billing_assets.reference.tariffs import tariff_borders
from billing_assets.reference.tax_rules import tax_rules
from billing_assets.reference.time_bands import band_minutes
from billing_assets.reference.udr_type_rules import require_attributes, udr_type_rules
from billing_assets.reference.vendor_currencies import vendor_currency_rules
from billing_assets.reference.wholesale_rules import wholesale_rules

Tables = dict[str, ir.Table]
Rows = Callable[[ir.Table], list[dict]]
Group = tuple[tuple[str, ...], Callable[[Tables], Iterator[Rule]]]


def require_valid(tables: Tables, countries: Iterable[str], rows: Rows) -> None:
    """Check the typed reference tables. Raises ConfigurationError for the first row that breaks a rule."""
    filled = _filled(tables, rows)
    for found in problems_of(tables, countries, filled):
        for row in rows(found.order_by("source_file", "source_line").limit(1)):
            raise ConfigurationError(f"{row['source_file']}, line {row['source_line']}: {row['problem']}")
    band_minutes(rows(tables["time_bands"]))
    tariff_borders(rows(tables["tariff_elements"]))
    if "bundles" in filled:
        require_apart(*(rows(tables[name]) for name in ("bundles", "bundle_conditions", "products")))
    require_attributes(tables, rows)


def problems_of(tables: Tables, countries: Iterable[str], filled: Container[str]) -> Iterator[ir.Table]:
    """The rows that break a rule (broken.problems), by rule; `filled` names the tables that have rows."""
    for names, rules in groups(countries):
        if any(name in filled for name in names):
            yield from problems(rules(tables))


def groups(countries: Iterable[str]) -> tuple[Group, ...]:
    """Every rule, with the tables that it is about: no rule can be broken by a table without rows."""
    return ((("tax_rates", "tax_regimes"), tax_rules(sorted(countries))), *_GROUPS)


def _filled(tables: Tables, rows: Rows) -> set[str]:
    counts = [t.aggregate(rows=t.count()).mutate(name=ibis.literal(name)) for name, t in sorted(tables.items())]
    return {row["name"] for row in rows(ibis.union(*counts)) if row["rows"]}


def _settings_rules(t: Tables) -> Iterator[Rule]:
    yield outside(t["account_billing_settings"], "payment_days", 0, MOST_PAYMENT_DAYS)


def _basic_rules(t: Tables) -> Iterator[Rule]:
    yield outside(t["billing_cycles"], "anchor_day", 1, 28)
    yield outside(t["billing_cycles"], "run_day", 1, 28)
    vendors = t["accounts"].filter(t["accounts"].role.isin(("vendor", "reseller")))
    yield unknown(t["catalogues"], "vendor_account_id", vendors, "account_id", "vendor")


def _offer_rules(t: Tables) -> Iterator[Rule]:
    yield unknown(t["offers"], "catalogue_id", t["catalogues"])
    yield unknown(t["offers"], "price_plan_id", t["price_plans"])
    yield unknown(t["offers"], "based_on_offer_id", t["offers"], "offer_id", "offer")
    origins = t["offers"].select(based_on_offer_id="offer_id", origin_tax_included="tax_included")
    copies = t["offers"].join(origins, "based_on_offer_id")
    other = copies.tax_included != copies.origin_tax_included
    yield broken(copies, other, "tax_included", "is another than that of the offer that it is based on")
    yield from validity(t["offers"])
    yield unknown(t["offer_products"], "offer_id", t["offers"])
    yield unknown(t["offer_products"], "product_id", t["products"])
    yield unknown(t["offer_products"], "currency", t["currencies"])


def _product_rules(t: Tables) -> Iterator[Rule]:
    products = t["products"]
    usage = products.product_type == "usage_service"
    yield unknown(products, "catalogue_id", t["catalogues"])
    yield unknown(products, "tax_code", t["tax_codes"])
    yield broken(products, usage & products.udr_type.isnull(), "udr_type", "is required for a usage service")
    yield unknown(products, "udr_type", t["udr_types"])
    yield unknown(products, "zone_set", t["zone_prefixes"])
    yield unknown(products, "time_band_set", t["time_bands"])


def _zone_rules(t: Tables) -> Iterator[Rule]:
    yield unknown(t["zones"], "zone_id", t["zone_prefixes"], noun="zone")


_GROUPS: tuple[Group, ...] = (
    (("account_billing_settings",), _settings_rules),
    (("billing_cycles", "catalogues"), _basic_rules),
    (("udr_types", "udr_type_attributes", "unit_conversions"), udr_type_rules),
    (("products",), _product_rules),
    (("zones",), _zone_rules),
    (("price_plans",), plan_rules),
    (("price_plan_conditions", "product_attributes"), condition_rules),
    (("vendor_currencies",), vendor_currency_rules),
    (("wholesale_plans",), wholesale_rules),
    (("rates",), rate_rules),
    (("rates",), split_rules),
    (("rate_tiers",), tier_rules),
    (("rate_conditions",), rate_condition_rules),
    (("lookups", "product_lookups"), lookup_rules),
    (("offers", "offer_products"), _offer_rules),
    (("availability_windows",), availability_rules),
    (("offer_terms",), offer_term_rules),
    (("scheme_terms",), scheme_term_rules),
    (("price_indexes",), index_rules),
    (("account_fees",), account_fee_rules),
    (("invoice_minimums",), invoice_minimum_rules),
    (("billing_term_schemes", "billing_term_scheme_plans"), scheme_rules),
    (("buy_in_advance_definitions", "buy_in_advance_durations"), buy_in_advance_rules),
    (("roles", "users", "unit_collaborations", "floor_prices"), privilege_rules),
    (("discount_definitions", "discount_criteria"), discount_rules),
    (("bundles", "bundle_levels", "commitments"), bundle_rules),
    (("bundle_conditions",), condition_of_bundle_rules),
    (("commitments",), commitment_rules),
    (("tariffs", "tariff_elements", "tariff_components"), tariff_rules),
    (
        ("usage_catalogues", "usage_catalogue_periods", "usage_catalogue_entries", "usage_catalogue_conditions"),
        catalogue_rules,
    ),
)
