"""What discounts granted: of each line of a discount what it was worked out from."""

import ibis.expr.types as ir

from billing_assets.discounts.tables import DISCOUNTS
from billing_assets.exact import quantity, total

_SAME = ("discount_type", "value", "unit")


def granted(items: ir.Table, discount_items: ir.Table, discounts: ir.Table) -> ir.Table:
    """The lines of discounts (billed items) with type, value and unit of the discount, and what it is of.

    A line that sums up several discounts has none of this, unless they are alike.
    """
    lines = items.filter(items.source_table == DISCOUNTS.name).select("item_id", "invoice_id", "invoice_line_id")
    units = discounts.select("unit", given="discount_id").distinct()
    made = discount_items.drop("unit").left_join(units, discount_items.source_id == units.given)
    made = made.select("item_id", "base_amount", "whole_quantity", *_SAME)
    found = lines.join(made, "item_id")
    sums = found.group_by("invoice_id", "invoice_line_id").aggregate(
        **{f"{end}_{name}": getattr(found[name].cast("string"), end)() for name in _SAME for end in ("min", "max")},
        **{name: found[name].max() for name in _SAME},
        base_amount=total(found.base_amount),
        used_quantity=quantity(found.whole_quantity.max()),
    )
    alike = [sums[f"min_{name}"].identical_to(sums[f"max_{name}"]) for name in _SAME]
    return sums.filter(*alike).select("invoice_id", "invoice_line_id", *_SAME, "base_amount", "used_quantity")
