"""Rate models: what a quantity comes to under a rate.

Here belongs the arithmetic of every model, registered under the name that the rate table uses. A model
takes rows of quantities with their rate and tier (PRICE_COLUMNS) and gives the amount of each, before
setup fee and limits. A company's own model is one more function under `@rate_model`, in a module that its
settings name.

Quantities are magnitudes: whoever prices a negative one prices its positive twin and turns the sign.
"""

from collections.abc import Callable, Sequence

import ibis
import ibis.expr.types as ir

from billing_assets.exact import (
    AMOUNT,
    BILLION,
    QUANTITY,
    amount,
    billed_units,
    exact_price,
    exact_ratio,
    quantity,
    zero,
)

Model = Callable[[ir.Table], ir.DecimalValue]

MODELS: dict[str, Model] = {}
PERCENTAGES = ("percentage", "tiered_percentage")
# Those that are added up tier by tier; in the others the tier of the whole quantity prices all of it.
ADDED_UP = ("tiered", "tiered_percentage")
BUILT_IN = ("flat", "tiered", *PERCENTAGES)

# What `priced` and the models find on a row, beside the quantity: its rate, and the tier that it falls in.
PRICE_COLUMNS = (
    "rate_model", "setup_fee", "minimum_amount", "maximum_amount", "minimum_quantity", "increment", "unit_price",
    "price_per", "packages", "tier_above", "tier_up_to", "amount_below", "flat_amount",
)  # fmt: skip


def rate_model(name: str) -> Callable[[Model], Model]:
    """Register a model under the name that the column rate_model of the rates uses."""

    def register(model: Model) -> Model:
        if name in MODELS:
            raise ValueError(f"there is a rate model {name!r} already")
        MODELS[name] = model
        return model

    return register


@rate_model("percentage")
@rate_model("flat")
def flat(rows: ir.Table) -> ir.DecimalValue:
    """The level that the quantity falls in prices all of it; its flat amount is due once."""
    return amount(_price(rows, rows.billed_quantity) + _once(rows))


@rate_model("tiered_percentage")
@rate_model("tiered")
def tiered(rows: ir.Table) -> ir.DecimalValue:
    """Added up tier by tier: the full tiers below, and the part of the quantity in its own tier."""
    part = ibis.ifelse(
        rows.amount_below.isnull(), rows.billed_quantity, quantity(rows.billed_quantity - rows.tier_above)
    )
    below = ibis.coalesce(rows.amount_below, zero())
    return amount(_price(rows, part) + _once(rows) + below)


def _price(rows: ir.Table, units: ir.DecimalValue) -> ir.DecimalValue:
    """The price of units, and of the billionths that have no room in the quantity of a month's total."""
    price = exact_price(_sold(rows, units), rows.unit_price, rows.price_per)
    if "remainder" not in rows.columns:
        return price
    return price + exact_ratio(exact_price(rows.remainder, rows.unit_price, rows.price_per), 1, BILLION)


def _once(rows: ir.Table) -> ir.DecimalValue:
    return ibis.coalesce(rows.flat_amount, zero())


def _sold(rows: ir.Table, units: ir.DecimalValue) -> ir.DecimalValue:
    """The units that are sold: in whole packages of `price_per` units where the rate says so."""
    return ibis.cases(
        (rows.packages == "up", billed_units(units, ibis.literal(0).cast(QUANTITY), rows.price_per)),
        (rows.packages == "down", quantity(units - units % rows.price_per)),
        else_=units,
    )


def charged_units(rows: ir.Table) -> ir.DecimalValue:
    """The units that the rate charges of a `magnitude`: minimum, then started increments."""
    return billed_units(rows.magnitude, rows.minimum_quantity, rows.increment)


def priced(rows: ir.Table, models: Sequence[str]) -> ir.Table:
    """Add unit_amount, limit_applied (minimum, maximum, or NULL) and amount to rows with PRICE_COLUMNS.

    `rows` have billed_quantity and their tier (tiers.py); `models` are the names that occur.
    """
    return limited(with_unit_amount(rows, models))


def with_unit_amount(rows: ir.Table, models: Sequence[str]) -> ir.Table:
    """Add what the model of each row makes of its units."""
    branches = [(rows.rate_model == name, MODELS[name](rows)) for name in sorted(models)]
    nothing = ibis.null(AMOUNT)
    return rows.mutate(unit_amount=ibis.cases(*branches, else_=nothing) if branches else nothing)


def limited(rows: ir.Table) -> ir.Table:
    """The unit amount plus the setup fee, at least the minimum and at most the maximum of the rate."""
    computed = rows.mutate(computed=amount(rows.unit_amount + rows.setup_fee))
    limit = ibis.cases(
        (computed.computed < computed.minimum_amount, "minimum"),
        (computed.computed > computed.maximum_amount, "maximum"),
        else_=ibis.null("string"),
    )
    found = computed.mutate(limit_applied=limit)
    return found.mutate(
        amount=ibis.cases(
            (found.limit_applied == "minimum", found.minimum_amount),
            (found.limit_applied == "maximum", found.maximum_amount),
            else_=found.computed,
        )
    ).drop("computed")
