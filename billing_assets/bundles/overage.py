"""Overage: what units above the included ones cost at a rate that the bundle names, instead of that of the event."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from billing_assets.bundles.cover import OWNER
from billing_assets.bundles.events import EVENT
from billing_assets.exact import amount, quantity, zero
from billing_assets.pricing.ordered import priced_units
from billing_assets.pricing.tiers import rate_terms, tiers

_NAMED = pa.schema([("bundle_id", pa.string()), ("overage_rate_id", pa.string())])


@dataclass(frozen=True)
class Rates:
    """The rates that bundles name: their terms (tiers.rate_terms), their tiers, and the models that occur."""

    terms: ir.Table
    levels: ir.Table | None
    models: list[str]


def overage_rates(
    rates: ir.Table, rate_tiers: ir.Table, named: set[str], rows: Callable[[ir.Table], list[dict]]
) -> Rates:  # fmt: skip
    """The named ones of all rates and their tiers."""
    own = rates.filter(rates.rate_id.isin(sorted(named)))
    models = sorted({row["rate_model"] for row in rows(own.select("rate_model").distinct())})
    levels = tiers(rate_tiers, own) if rows(rate_tiers.limit(1)) else None
    return Rates(rate_terms(own), levels, models)


def repriced(events: ir.Table, bundles: Sequence[Mapping], rates: Rates) -> ir.Table:
    """Events with units that their bundle does not cover, each with the amount that its price changes by.

    `events` are those of cover.covered, all of them. The units are priced as an event of that many units would be.
    """
    named = ibis.memtable(pa.Table.from_pylist([b for b in bundles if b["overage_rate_id"]], _NAMED))
    above = events.mutate(above=quantity(events.counted - events.covered_quantity)).filter(ibis._.above != 0)
    above = above.join(named, "bundle_id")
    found = above.join(_priced(above, rates), [*EVENT, *OWNER])
    old = amount(found.price - found.price_taken)
    return found.mutate(
        amount=amount(found.new_amount - old),
        covered_quantity=found.above,
        units_taken=found.above,
        price_taken=old,
        setup_taken=zero(),
    )


def _priced(above: ir.Table, rates: Rates) -> ir.Table:
    asked = above.select(*EVENT, *OWNER, "above", rate_id="overage_rate_id", magnitude=above.above.abs())
    made = priced_units(asked.join(rates.terms, "rate_id"), rates.levels, rates.models)
    return made.select(*EVENT, *OWNER, new_amount=ibis.ifelse(made.above < 0, amount(-made.amount), made.amount))
