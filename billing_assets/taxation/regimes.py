"""Tax regimes: at which rate an item is taxed, in which category of EN 16931, and why not.

Here belongs what each regime says of an item, registered under the name that the table tax_regimes uses. A regime
takes items with what is known for their tax (FACTS) and gives the rate, category and reason of each. A company's own
regime is one more function under `@tax_regime`, in a module that its settings name.
"""

from collections.abc import Callable
from typing import NamedTuple

import ibis
import ibis.expr.types as ir

from billing_assets.exact import PERCENT
from billing_assets.taxation import categories
from billing_assets.taxation.categories import reason_code_of

VAT, NONE, EXPORT, ENGINE = "vat", "none", "export", "engine"
BY_TAX_GROUP, BY_LINE = "tax_group", "line"
GOODS = "goods"
NO_RATE = ibis.literal(0).cast(PERCENT)

# What a regime finds on an item, beside the columns of charge_items: who pays whom, what is supplied when, the rate
# of tax_rates, and why the payer is exempt (NULL where it is not).
FACTS = (
    "country", "vendor_country", "account_type", "vat_id", "foreign_business", "vendor_in_eu", "supply", "supply_date",
    "known_rate", "exempt_category", "exempt_reason_code",
)  # fmt: skip


class Tax(NamedTuple):
    """What a regime says of items: the rate in percent, the category of EN 16931, and the VATEX code of no tax."""

    rate: ir.DecimalValue
    category: ir.StringValue
    reason_code: ir.StringValue


Regime = Callable[[ir.Table], Tax]

REGIMES: dict[str, Regime] = {}


def tax_regime(name: str) -> Callable[[Regime], Regime]:
    """Register a regime under the name that the column regime of tax_regimes uses."""

    def register(regime: Regime) -> Regime:
        if name in REGIMES:
            raise ValueError(f"there is a tax regime {name!r} already")
        REGIMES[name] = regime
        return regime

    return register


def no_tax(rows: ir.Table, category: ir.StringValue) -> Tax:
    """Rate 0 in a category, with its reason; who is exempt stays so, for the reason of the certificate."""
    found = ibis.coalesce(rows.exempt_category, category)
    return Tax(NO_RATE, found, ibis.coalesce(rows.exempt_reason_code, reason_code_of(found)))


@tax_regime(VAT)
def vat(rows: ir.Table) -> Tax:
    """The rate of code, country and date; none where the payer is exempt, or is the one who owes the tax."""
    goods = rows.supply == GOODS
    untaxed = ibis.cases(
        (rows.foreign_business & ~goods, categories.REVERSE_CHARGE),
        (rows.foreign_business & rows.vendor_in_eu, categories.INTRA_COMMUNITY),
        else_=ibis.null("string"),
    )
    none = no_tax(rows, untaxed)
    taxed = ibis.ifelse(rows.known_rate == 0, categories.ZERO, categories.STANDARD)
    return Tax(
        ibis.ifelse(none.category.isnull(), rows.known_rate, none.rate),
        ibis.coalesce(none.category, taxed),
        none.reason_code,
    )


@tax_regime(EXPORT)
def export(rows: ir.Table) -> Tax:
    """What is supplied to where no VAT of the vendor's is due: goods are exported, services are outside its scope."""
    return no_tax(rows, ibis.ifelse(rows.supply == GOODS, categories.EXPORT, categories.OUTSIDE_SCOPE))


@tax_regime(NONE)
def none(rows: ir.Table) -> Tax:
    """Taxed elsewhere, as in the ERP: nothing is added here."""
    return Tax(NO_RATE, ibis.null("string"), ibis.null("string"))


@tax_regime(ENGINE)
def engine(rows: ir.Table) -> Tax:
    """Taxed by the tax engine (taxes/engine.py), whose answers have rates of their own."""
    return Tax(ibis.null(PERCENT), ibis.null("string"), ibis.null("string"))
