"""What bundles include of a total: units that are taken away before it is priced, or that count in its tiers unpaid.

Units that count in the tiers are the first ones of the total. All of it is priced, and what they alone would cost is
taken off again. Flat amounts stay due: the total has reached their tiers.
"""

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from billing_assets.exact import AMOUNT, QUANTITY, amount, quantity, total_quantity, zero
from billing_assets.pricing.models import ADDED_UP, charged_units, with_unit_amount
from billing_assets.pricing.tiers import with_tier

_NOTHING = ibis.literal(0).cast(QUANTITY)


def with_covered(totals: ir.Table, covered: ir.Table | None) -> ir.Table:
    """Totals with covered_quantity, and what of it counts in the tiers; `covered` as of bundles, None for none."""
    if covered is None:
        return totals.mutate(covered_quantity=_NOTHING, covered_in_tiers=_NOTHING)
    in_tiers = covered.mutate(in_tiers=ibis.ifelse(covered.counts_in_tiers, covered.covered_quantity, _NOTHING))
    sums = in_tiers.group_by(covered_charge="usage_charge_id").aggregate(
        covered_quantity=total_quantity(in_tiers.covered_quantity), covered_in_tiers=total_quantity(in_tiers.in_tiers)
    )
    found = totals.left_join(sums, totals.usage_charge_id == sums.covered_charge).drop("covered_charge")
    return found.mutate(**{c: found[c].fill_null(_NOTHING) for c in ("covered_quantity", "covered_in_tiers")})


def without_price(made: ir.Table) -> ir.Table:
    """Priced totals none of whose units count in their tiers unpaid."""
    return made.mutate(covered_amount=zero())


def taken_off(made: ir.Table, units: ir.Table, of_units: ir.Table, models: Sequence[str]) -> ir.Table:
    """Priced totals less what the units that count in their tiers would cost: covered_amount.

    `units` are the totals before their tier, `of_units` the tiers without flat amounts.
    """
    some = units.filter(units.covered_in_tiers > 0)
    whole = some.covered_in_tiers == some.magnitude
    own = some.mutate(
        level=some.billed_quantity,
        magnitude=some.covered_in_tiers,
        remainder=ibis.ifelse(whole, some.remainder, _NOTHING),
    )
    own = own.mutate(billed_quantity=charged_units(own))
    # in a flat model it is the tier of the whole total that prices them
    own = own.mutate(level=ibis.ifelse(own.rate_model.isin(ADDED_UP), own.billed_quantity, own.level))
    cost = with_unit_amount(with_tier(own, of_units), models)
    cost = cost.select(
        off_charge="usage_charge_id", off_units="billed_quantity", off_amount=cost.unit_amount.cast(AMOUNT)
    )  # fmt: skip
    found = made.left_join(cost, made.usage_charge_id == cost.off_charge)
    off = found.mutate(
        covered_in_tiers=found.off_units.fill_null(_NOTHING), covered_amount=found.off_amount.fill_null(zero())
    )  # fmt: skip
    return off.mutate(
        unit_amount=amount(off.unit_amount - off.covered_amount),
        billed_quantity=quantity(off.billed_quantity - off.covered_in_tiers),
    ).drop("off_charge", "off_units", "off_amount")
