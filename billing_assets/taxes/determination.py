"""Which tax group an item is in: regime, rate, category, reason, and the invoice that it is on.

A tax group is a tax code at one rate, in one category and for one reason. Country, tax status and regime are those
of the payer and its vendor. The date of supply is the last day of an item's service period. Prices that include tax
are a group of their own: `included_rate` is the rate that is in them, whether it is due or not.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from billing_assets.contract import Table
from billing_assets.exact import PERCENT
from billing_assets.item import digest
from billing_assets.items.invoice_parts import invoice_id
from billing_assets.reference.tables import ACCOUNTS, ANY, TAX_CODES, TAX_RATES, TAX_REGIMES
from billing_assets.taxation.categories import EXEMPT, category_of
from billing_assets.taxation.eu import EU_COUNTRIES
from billing_assets.taxation.regimes import BY_LINE, BY_TAX_GROUP, NO_RATE, REGIMES, VAT
from billing_assets.taxes.tables import TAX_EXEMPTIONS

TAX_GROUP = (
    "invoice_id", "tax_code", "tax_category", "exemption_reason_code", "certificate_id", "rate", "country", "currency",
    "tax_included", "included_rate",
)  # fmt: skip
# What an invoice line sums up. A certificate follows from the others: payer, tax code and date of supply; but not of
# corrections, which may be of what another certificate exempted.
LINE = (
    "month", "billing_cycle", "invoice_id", "item_type", "label", "component", "subscription_id", "product_id",
    "zone_id", "service_start", "service_end", "corrects_month", "unit", "tax_code", "tax_category",
    "exemption_reason_code", "rate", "country", "currency", "tax_included", "included_rate",
)  # fmt: skip
READS = (ACCOUNTS, TAX_CODES, TAX_RATES, TAX_REGIMES, TAX_EXEMPTIONS)
_TEXT = ibis.null("string")


@dataclass(frozen=True)
class TaxBook:
    """Everything that taxes are found by. What has no rows is None, so that it costs an item nothing."""

    accounts: ir.Table
    tax_codes: ir.Table
    tax_rates: ir.Table
    regimes: ir.Table | None = None
    exemptions: ir.Table | None = None
    names: Sequence[str] = (VAT,)


def tax_book(read: Callable[[Table], ir.Table], rows: Callable[[ir.Table], list[dict]]) -> TaxBook:
    """The tax book of the tables of READS, which `read` gives; `rows` carries out small expressions."""
    accounts, codes, rates, regimes, exemptions = (read(table) for table in READS)
    named = {row["regime"] for row in rows(regimes)}
    return TaxBook(
        accounts, codes, rates,
        regimes=regimes if named else None,
        exemptions=exemptions if rows(exemptions.limit(1)) else None,
        names=sorted({VAT, *named}),
    )  # fmt: skip


def with_tax_group(items: ir.Table, book: TaxBook) -> ir.Table:
    """Items with the columns of TAX_GROUP, tax_regime, tax_rounding, supply_date, and rounding_unit.

    A rate is NULL where none is known. `rounding_unit` is the line that is rounded and taxed by itself, where lines
    are.
    """
    payers = _payers(book)
    supplied = items.join(payers, items.payer_account_id == payers.payer)
    supplied = supplied.mutate(supply_date=(supplied.service_end - ibis.interval(days=1)).cast("date"))
    found = _with_exemption(_with_rate(supplied, book), book)
    taxes = {name: REGIMES[name](found) for name in book.names}
    grouped = found.mutate(
        invoice_id=invoice_id(found),
        rate=_of_regime(found, {name: tax.rate.cast(PERCENT) for name, tax in taxes.items()}),
        tax_category=_of_regime(found, {name: tax.category for name, tax in taxes.items()}),
        exemption_reason_code=_of_regime(found, {name: tax.reason_code for name, tax in taxes.items()}),
        included_rate=ibis.ifelse(found.tax_included, found.known_rate, NO_RATE),
    )
    by_line = _TEXT if book.regimes is None else ibis.ifelse(grouped.tax_rounding == BY_LINE, line_id(grouped), _TEXT)
    return grouped.mutate(rounding_unit=by_line)


def line_id(grouped: ir.Table) -> ir.StringValue:
    """The invoice line that an item is part of."""
    exempted = ibis.coalesce(ibis.literal("+") + grouped.certificate_id, ibis.literal(""))
    values = {c: grouped[c] for c in LINE} | {"corrects_month": grouped.corrects_month + exempted}
    return digest(*values.values())


def _of_regime(rows: ir.Table, values: dict[str, ir.Value]) -> ir.Value:
    """The value of each row's own regime."""
    if len(values) == 1:
        return values[VAT]
    return ibis.cases(*((rows.tax_regime == name, value) for name, value in values.items()))


def _payers(book: TaxBook) -> ir.Table:
    """What an account that pays brings to its tax: where it is, whom it pays, and by which regime."""
    payers = book.accounts.select(
        "country", "tax_status", "account_type", "vat_id", "vat_id_well_formed", "vendor_account_id",
        payer="account_id",
    )  # fmt: skip
    vendors = book.accounts.filter(book.accounts.role.isin(("vendor", "reseller")))
    vendors = vendors.select(vendor="account_id", vendor_country="country")
    found = payers.left_join(vendors, payers.vendor_account_id == vendors.vendor)
    prefix = found.vat_id.strip().substr(0, 2).upper()
    # Greece has the letters EL in its VAT ids
    registered_in = ibis.ifelse(prefix == "EL", "GR", prefix)
    abroad = (found.country != found.vendor_country) & (registered_in != found.vendor_country)
    in_eu = found.country.isin(EU_COUNTRIES) & registered_in.isin(EU_COUNTRIES)
    placed = found.mutate(
        foreign_business=(found.vat_id_well_formed & abroad & in_eu).fill_null(False),
        vendor_in_eu=found.vendor_country.isin(EU_COUNTRIES).fill_null(False),
    ).drop("vat_id_well_formed", "vendor")
    if book.regimes is None:
        return placed.mutate(tax_regime=ibis.literal(VAT), tax_rounding=ibis.literal(BY_TAX_GROUP))
    return _with_regime(placed, book.regimes)


def _with_regime(payers: ir.Table, regimes: ir.Table) -> ir.Table:
    """The regime of vendor and country: of both, else of the vendor, else of the country, else of any."""
    pairs = payers.select(pair_vendor="vendor_account_id", pair_country="country").distinct()
    both = pairs.cross_join(regimes.select("regime", "rounding", of_vendor="vendor_account_id", of_country="country"))
    fits = both.filter(
        (both.of_vendor == ANY) | (both.of_vendor == both.pair_vendor),
        (both.of_country == ANY) | (both.of_country == both.pair_country),
    )
    place = ibis.row_number().over(
        ibis.window(
            group_by=[fits.pair_vendor, fits.pair_country],
            order_by=[fits.of_vendor == ANY, fits.of_country == ANY],
        )
    )
    first = fits.mutate(place=place).filter(ibis._.place == 0)
    first = first.select("pair_vendor", "pair_country", "regime", "rounding")
    found = payers.left_join(
        first, [payers.vendor_account_id == first.pair_vendor, payers.country == first.pair_country]
    )
    return found.mutate(
        tax_regime=found.regime.fill_null(VAT), tax_rounding=found.rounding.fill_null(BY_TAX_GROUP)
    ).drop("pair_vendor", "pair_country", "regime", "rounding")


def _with_rate(supplied: ir.Table, book: TaxBook) -> ir.Table:
    """Items with what is supplied, and the known_rate of code, country and date of supply."""
    codes = book.tax_codes.select("supply", code="tax_code")
    rates = book.tax_rates.select(
        "valid_from", "valid_to", known_rate="rate", rate_code="tax_code", rate_country="country"
    )
    coded = supplied.left_join(codes, supplied.tax_code == codes.code)
    found = coded.left_join(
        rates,
        [
            coded.tax_code == rates.rate_code,
            coded.country == rates.rate_country,
            coded.supply_date >= rates.valid_from,
            coded.supply_date < rates.valid_to,
        ],
    )
    return found.drop("code", "rate_code", "rate_country", "valid_from", "valid_to")


def _with_exemption(found: ir.Table, book: TaxBook) -> ir.Table:
    """Items with the certificate that exempts their payer, and the category and reason of the exemption."""
    found = found.mutate(exempt_category=ibis.ifelse(found.tax_status == "exempt", EXEMPT, _TEXT))
    if book.exemptions is None:
        return found.mutate(certificate_id=_TEXT, exempt_reason_code=_TEXT)
    held = book.exemptions.select(
        "certificate_id", exempt_reason_code="reason_code", holder="account_id", of_code="tax_code",
        exempt_from="valid_from", exempt_to="valid_to",
    )  # fmt: skip
    covered = found.left_join(
        held,
        [
            found.payer_account_id == held.holder,
            (held.of_code == found.tax_code) | (held.of_code == ANY),
            found.supply_date >= held.exempt_from,
            found.supply_date < held.exempt_to,
        ],
    ).drop("holder", "of_code", "exempt_from", "exempt_to")
    by_certificate = ibis.ifelse(covered.certificate_id.notnull(), category_of(covered.exempt_reason_code), _TEXT)
    return covered.mutate(exempt_category=ibis.coalesce(by_certificate, covered.exempt_category))
