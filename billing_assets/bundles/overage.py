"""Overage: what units above the included ones cost at a rate that the bundle names, instead of that of the event."""

from collections.abc import Mapping, Sequence

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from billing_assets.bundles.cover import OWNER
from billing_assets.bundles.events import EVENT
from billing_assets.exact import amount, quantity, zero
from billing_assets.pricing.price_book import PriceBook, priced_units
from billing_assets.pricing.tiers import per_hundred

_NAMED = pa.schema([("bundle_id", pa.string()), ("overage_rate_id", pa.string())])
_OF_RATE = (
    "rate_id", "rate_model", "setup_fee", "minimum_amount", "maximum_amount", "minimum_quantity", "increment",
    "unit_price", "packages",
)  # fmt: skip


def repriced(events: ir.Table, bundles: Sequence[Mapping], rates: ir.Table, book: PriceBook) -> ir.Table:
    """Events with units that their bundle does not cover, each with the amount that its price changes by.

    `events` are those of cover.covered, all of them. The units are priced as an event of that many units would be.
    """
    named = ibis.memtable(pa.Table.from_pylist([b for b in bundles if b["overage_rate_id"]], _NAMED))
    of_rate = rates.mutate(price_per=per_hundred(rates)).select(*_OF_RATE, "price_per")
    above = events.mutate(above=quantity(events.counted - events.covered_quantity)).filter(ibis._.above != 0)
    above = above.join(named, "bundle_id")
    priced = _priced(above, of_rate, book)
    found = above.join(priced, [*EVENT, *OWNER])
    old = amount(found.price - found.price_taken)
    return found.mutate(
        amount=amount(found.new_amount - old),
        covered_quantity=found.above,
        units_taken=found.above,
        price_taken=old,
        setup_taken=zero(),
    )


def _priced(above: ir.Table, rates: ir.Table, book: PriceBook) -> ir.Table:
    asked = above.select(*EVENT, *OWNER, "above", "overage_rate_id", magnitude=above.above.abs())
    made = priced_units(asked.join(rates, asked.overage_rate_id == rates.rate_id), book)
    return made.select(*EVENT, *OWNER, new_amount=ibis.ifelse(made.above < 0, amount(-made.amount), made.amount))
