"""What discounts may reduce: the month's usage, bundles, totals, fees and commitments of subscriptions that have some.

Everything is summed up by what a discount's item shows, by what the criteria look at, and by stretch: a stretch of a
subscription's days on which the same discounts are given. An event counts on its local day, a fee on the first day of
its period, a total of the month on the first day of the billing month.
"""

from collections.abc import Iterable, Sequence

import ibis
import ibis.expr.types as ir

from billing_assets.contract import ALWAYS, FOREVER
from billing_assets.discounts.fee_facts import ADVANCE_MONTHS, BEGINNINGS, BEGINNINGS_OF_PRODUCT, OF_SCHEDULE, fee_facts
from billing_assets.exact import QUANTITY, quantity, total, total_quantity
from billing_assets.item import digest
from billing_assets.reference.tables import FREE_PERIOD, FREE_USAGE

OF_ITEM = (
    "month", "billing_cycle", "leg", "payer_account_id", "service_account_id", "subscription_id", "product_id",
    "tax_code", "tax_included", "currency", "service_start", "service_end",
)  # fmt: skip
_BY_DAY = ("percentage", FREE_USAGE)
_UNITS = ("billed_quantity", "unit")
_TYPES = {"billed_quantity": QUANTITY, **dict.fromkeys(BEGINNINGS, "date")}
ITEM_TYPE, COMMITMENT = "item_type", "commitment"


def asked_of_charges(fields: Iterable[str], types: Iterable[str], kinds: Iterable[str]) -> list[str]:
    """The further columns of charges that criteria (their fields) and discounts (their types) look at.

    `kinds` are those that tell apart what only some discounts may reduce: ITEM_TYPE where there are commitments, JOB
    where there are service jobs.
    """
    asked = {name for name in OF_SCHEDULE if name in fields}.union(kinds)
    if FREE_PERIOD in types:
        asked.update(("price_type", *(BEGINNINGS if ADVANCE_MONTHS in fields else BEGINNINGS_OF_PRODUCT)))
    return sorted(asked | {*_UNITS} if FREE_USAGE in types else asked)


def stretches(discounts: ir.Table) -> ir.Table:
    """discounted, stretch_from and stretch_to: the days of each subscription with discounts, cut where one changes."""
    of_days = discounts.filter(discounts.discount_type.isin(_BY_DAY))
    cuts = ibis.union(
        discounts.select(discounted="subscription_id", stretch_from=ibis.date(ALWAYS)),
        of_days.select(discounted="subscription_id", stretch_from="valid_from"),
        of_days.select(discounted="subscription_id", stretch_from="valid_to"),
        distinct=True,
    )
    order = ibis.window(group_by=cuts.discounted, order_by=cuts.stretch_from)
    ends = ibis.coalesce(cuts.stretch_from.lead().over(order), ibis.date(FOREVER))
    return cuts.mutate(stretch_to=ends)


class Charges:
    """How charges are summed up, with the columns of asked_of_charges."""

    def __init__(self, stretches: ir.Table, products: ir.Table, asked: Sequence[str]):
        self.stretches = stretches
        self.products = products.select("product_id", product_tax_code="tax_code")
        self.units = [name for name in _UNITS if name in asked]
        self.further = [name for name in asked if name not in _UNITS]

    def of_events(self, events: ir.Table) -> ir.Table:
        """The month's rated events (rating/month.py)."""
        return self._summed(events.mutate(price_type=ibis.literal("usage")), events.local_at.date())

    def of_bundles(self, covered: ir.Table, bundles: ir.Table) -> ir.Table:
        """What bundles took back, with the units that they included."""
        named = covered.join(bundles.select("bundle_id", "price_plan_id"), "bundle_id")
        units = ibis.ifelse(named.part == "included", quantity(-named.covered_quantity), ibis.literal(0).cast(QUANTITY))
        back = named.mutate(price_type=ibis.literal("usage"), billed_quantity=units)
        return self._summed(back, named.local_at.date())

    def of_totals(self, charges: ir.Table) -> ir.Table:
        """Totals of the month, and what monthly limits made of events."""
        return self._summed(charges.mutate(price_type=ibis.literal("usage")), charges.service_start)

    def of_fees(self, fees: ir.Table, *schedule: ir.Table) -> ir.Table:
        """Fees of subscriptions; their schedule (fee_facts.py) is looked at only where something is asked of it."""
        found = fees.drop(*_UNITS, "price_plan_id")
        asked = [name for name in self.further if name != ITEM_TYPE]
        if asked:
            found = found.join(fee_facts(*schedule, asked), "source_id")
        return self._summed(found, fees.service_start)

    def of_commitments(self, items: ir.Table) -> ir.Table:
        """What commitments of one subscription come to: charged in advance or missing, taken back, above."""
        return self._summed(items.drop(*_UNITS).mutate(price_type=ibis.literal("one_time")), items.service_start)

    def _summed(self, rows: ir.Table, day: ir.DateValue) -> ir.Table:
        absent = [name for name in ("tax_code", *self.further, *self.units) if name not in rows.columns]
        empty = {name: ibis.null(_TYPES.get(name, "string")) for name in absent}
        dated = rows.mutate(charged_on=day, **empty)
        met = dated.join(self.stretches, dated.subscription_id == self.stretches.discounted)
        placed = met.filter(met.stretch_from <= met.charged_on, met.charged_on < met.stretch_to)
        return self._by_columns(placed, placed.amount)

    def _by_columns(self, rows: ir.Table, base: ir.DecimalColumn) -> ir.Table:
        counted = {"billed_quantity": total_quantity(rows.billed_quantity)} if self.units else {}
        return rows.group_by(*self._columns).aggregate(base=total(base), **counted)

    @property
    def _columns(self) -> list[str]:
        return [*OF_ITEM, "stretch_from", *self.further, *(name for name in self.units if name == "unit")]

    def together(self, *parts: ir.Table) -> ir.Table:
        """The parts summed up once more, each row with a charge_id; what has no tax code has that of its product."""
        rows = ibis.union(*parts).join(self.products, "product_id")
        coded = rows.mutate(tax_code=ibis.coalesce(rows.tax_code, rows.product_tax_code))
        summed = self._by_columns(coded, coded.base)
        return summed.mutate(charge_id=digest(*(summed[c] for c in self._columns)))
