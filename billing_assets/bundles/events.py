"""Events that bundles apply to: whose they are, what each counts, and what of it is left for the next bundle.

Bundles of one priority share no event. So each priority takes its events at once, and leaves of an event what it did
not cover: `units` of the billed quantity, `price` of those units, `setup` fee, and `charged` in all.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from billing_assets.exact import QUANTITY, amount, quantity, quantity_share, read_number, zero
from billing_assets.rating.tables import USAGE
from billing_assets.reference.tables import BUNDLE_MEASURES, UDR_ATTRIBUTE

EVENT = ["udr_id", "payer_account_id", "split"]
ONE = ibis.literal(1).cast(QUANTITY)
# Whose units a bundle counts together, where nothing is shared: the column that names the owner.
SCOPES = {"subscription": "subscription_id", "account": "service_account_id", "payer": "payer_account_id"}
_REACH = pa.schema([
    *((name, pa.string()) for name in ("bundle_id", "price_plan_id", "product_id", "zone_id", "time_band_id")),
    ("valid_from", pa.date32()), ("valid_to", pa.date32()),
])  # fmt: skip


def chargeable(rated: ir.Table) -> ir.Table:
    """The rated events of the month (rating/month.py) that bundles may apply to, with all of them left."""
    some = rated.filter(rated.rating_type == "post_rated", rated.component == USAGE, rated.billed_quantity != 0)
    return some.mutate(units=some.billed_quantity, price=_of_units(some), setup=some.setup_fee, charged=some.amount)


def _of_units(events: ir.Table) -> ir.DecimalValue:
    """What the units of an event were charged: of one brought to its maximum what that leaves beside the setup fee."""
    left = amount(events.amount - events.setup_fee)
    same_sign = (left > 0) == (events.unit_amount > 0)
    capped = ibis.ifelse(same_sign, left, zero())
    return ibis.ifelse(events.limit_applied.fill_null("") == "maximum", capped, events.unit_amount)


def with_attributes(events: ir.Table, udrs: ir.Table) -> ir.Table:
    """Events with the attributes of their records, for bundles that look at them."""
    return events.join(udrs.select("udr_id", "attributes"), "udr_id")


def eligible(
    left: ir.Table, bundles: Sequence[Mapping], reach: Sequence[Mapping], conditions: Sequence[Mapping],
    owners: ir.Table | None,
) -> ir.Table:  # fmt: skip
    """What is `left` of the events that some bundles apply to, with bundle_id, owner_id and `counted`.

    `reach` and `conditions` may be those of all bundles, `owners` as of owners.py: None where nobody shares.
    """
    met = reaching(left, bundles, reach, lambda rows: rows.local_at.date())
    names = {bundle["bundle_id"] for bundle in bundles}
    owned = with_owner(met.filter(ibis.and_(*_within(met, conditions, names))), bundles, owners)
    counted = owned.mutate(counted=_counted(owned, bundles), unit=_unit(owned, bundles))
    return counted if _are(bundles, "measure", "billed_quantity") else counted.filter(counted.counted != 0)


def reaching(
    rows: ir.Table, bundles: Sequence[Mapping], reach: Sequence[Mapping], day: Callable[[ir.Table], ir.DateValue]
) -> ir.Table:  # fmt: skip
    """Rows of plans, products and places with the bundles that reach them on their day."""
    names = {bundle["bundle_id"] for bundle in bundles}
    reached = ibis.memtable(pa.Table.from_pylist([row for row in reach if row["bundle_id"] in names], _REACH))
    terms = reached.rename(bundle_plan="price_plan_id", bundle_product="product_id", bundle_zone="zone_id",
                           bundle_band="time_band_id")  # fmt: skip
    met = rows.join(terms, [rows.price_plan_id == terms.bundle_plan, rows.product_id == terms.bundle_product])
    on = day(met)
    at_place = met.bundle_zone.isnull() | (met.bundle_zone == met.zone_id)
    met = met.filter(at_place, met.valid_from <= on, on < met.valid_to)
    if any(row["time_band_id"] for row in reach):
        met = met.filter(met.bundle_band.isnull() | (met.bundle_band == met.time_band_id))
    return met


def _within(met: ir.Table, conditions: Sequence[Mapping], names: set[str]) -> Iterable[ir.BooleanValue]:
    """The conditions on attributes of records, each for its own bundle."""
    for row in conditions:
        if row["bundle_id"] in names and row["field"].startswith(UDR_ATTRIBUTE):
            value = met.attributes.get(row["field"].removeprefix(UDR_ATTRIBUTE)).fill_null("")
            yield (met.bundle_id != row["bundle_id"]) | value.isin(row["allowed_values"].split("|"))


def with_owner(rows: ir.Table, bundles: Sequence[Mapping], owners: ir.Table | None) -> ir.Table:
    """Rows of bundles with owner_id: who counts, and has the units, together."""
    columns = dict(SCOPES)
    if owners is not None:
        rows = rows.left_join(owners, rows.service_account_id == owners.member)
        columns |= {"hierarchy": "topmost", "group": "group_owner"}
    return rows.mutate(owner_id=by(rows, bundles, "scope", lambda scope: rows[columns[scope]]))


def _counted(met: ir.Table, bundles: Sequence[Mapping]) -> ir.DecimalValue:
    """What an event counts: of one that an earlier bundle has covered in part the same part."""
    summed = by(met, bundles, "measure", lambda measure: _measured(met, measure))
    return by(met, bundles, "aggregation", lambda name: _one(met) if name == "count" else summed)


def _measured(met: ir.Table, measure: str) -> ir.DecimalValue:
    if measure == "billed_quantity":
        return met.units
    if measure == "amount":
        return quantity(met.price.cast("decimal(38, 9)"))
    value = met.quantity
    if measure != "quantity":
        value = read_number(met.attributes.get(measure), QUANTITY).fill_null(ibis.literal(0).cast(QUANTITY))
    return quantity_share(value, met.units, met.billed_quantity)


def _unit(met: ir.Table, bundles: Sequence[Mapping]) -> ir.StringValue:
    units = {"billed_quantity": met.unit, "quantity": met.unit, "amount": met.currency}
    summed = by(met, bundles, "measure", lambda measure: units.get(measure, ibis.literal(measure)))
    return by(met, bundles, "aggregation", lambda name: ibis.literal("event") if name == "count" else summed)


def _one(met: ir.Table) -> ir.DecimalValue:
    return ibis.ifelse(met.units < 0, ibis.literal(-1).cast(QUANTITY), ONE)


def after(left: ir.Table, items: ir.Table) -> ir.Table:
    """What bundle items leave of the events: of each its units, price, setup fee, and what it is charged in all."""
    taken = items.group_by(EVENT).aggregate(
        taken_units=items.units_taken.sum(), taken_price=items.price_taken.sum(), taken_setup=items.setup_taken.sum(),
        added=items.amount.sum(),
    )  # fmt: skip
    found = left.left_join(taken, EVENT, rname="taken_{name}")
    is_taken = found.added.notnull()
    return found.mutate(
        units=ibis.ifelse(is_taken, quantity(found.units - found.taken_units), found.units),
        price=ibis.ifelse(is_taken, amount(found.price - found.taken_price), found.price),
        setup=ibis.ifelse(is_taken, amount(found.setup - found.taken_setup), found.setup),
        charged=ibis.ifelse(is_taken, amount(found.charged + found.added), found.charged),
    ).select(left.columns)


def as_charged(left: ir.Table) -> ir.Table:
    """The events with all of their units, at what they are charged after all bundles: so commitments count them."""
    return left.mutate(units=left.billed_quantity, price=left.charged)


def by(rows: ir.Table, bundles: Sequence[Mapping], column: str, value: Callable[[object], ir.Value]) -> ir.Value:
    """The value that each bundle's own setting of a column stands for: one expression where all have the same."""
    settings = sorted({bundle[column] for bundle in bundles})
    if len(settings) == 1:
        return value(settings[0])
    having = {s: [bundle["bundle_id"] for bundle in bundles if bundle[column] == s] for s in settings}
    return ibis.cases(
        *((rows.bundle_id.isin(having[s]), value(s)) for s in settings[1:]), else_=value(settings[0])
    )  # fmt: skip


def _are(bundles: Sequence[Mapping], column: str, setting: object) -> bool:
    return all(bundle[column] == setting for bundle in bundles)


def looks_at_records(bundles: Sequence[Mapping], conditions: Sequence[Mapping]) -> bool:
    """Whether some bundle looks at attributes of the records."""
    measured = any(bundle["measure"] not in BUNDLE_MEASURES for bundle in bundles)
    return measured or any(row["field"].startswith(UDR_ATTRIBUTE) for row in conditions)
