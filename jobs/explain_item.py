"""Why is this item what it is? One rated event, usage charge or billed item, with its arithmetic line by line."""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from billing_assets.bundles.tables import BUNDLE_ITEMS, COVERED_TOTALS
from billing_assets.charges.tables import USAGE_CHARGES
from billing_assets.contract import Table
from billing_assets.invoices.tables import BILLED_ITEMS
from billing_assets.rating.tables import MEASURED_USAGE, RATED_ITEMS
from billing_assets.usage.tables import UDRS
from jobs.arithmetic import plain, steps
from jobs.bundle_words import in_turn, of_event, of_total
from jobs.event_words import of_step
from jobs.explain import Explanation, Unknown
from resources.lake import Lake

_ID = re.compile(r"[0-9a-f]{32}")


def is_item(name: str) -> bool:
    """Whether a name is the id of an item, and not that of an invoice."""
    return _ID.fullmatch(name) is not None


def explain_item(lake: Lake, item_id: str) -> Iterator[str]:
    """The lines of text that explain a UDR's rated items, a usage charge, or an item of an invoice."""
    rated, measured = (_rows(lake, table, "udr_id", item_id) for table in (RATED_ITEMS, MEASURED_USAGE))
    charges = [] if rated or measured else _rows(lake, USAGE_CHARGES, "usage_charge_id", item_id)
    if rated or measured:
        yield from _of_record(lake, rated, measured)
    for charge in charges:
        covered = in_turn(_rows(lake, COVERED_TOTALS, "usage_charge_id", charge["usage_charge_id"]))
        yield from told_charge(charge, covered)
    if not rated and not measured and not charges:
        yield from _billed(lake, item_id)


def _of_record(lake: Lake, rated: list[dict], measured: list[dict]) -> Iterator[str]:
    """What everyone who pays for an event is charged: the customer first, then the resellers above."""
    yield from _record(lake, [*rated, *measured][0])
    taken = _rows(lake, BUNDLE_ITEMS, "udr_id", [*rated, *measured][0]["udr_id"])
    legs = sorted({(row["subscription_id"] is None, row["leg"], row["payer_account_id"]) for row in rated + measured})
    for _, leg, payer in legs:
        if len(legs) > 1:
            yield f"{leg.replace('_', ' ')}, paid by {payer}"
        events, totals, covered = (
            [row for row in rows if row["payer_account_id"] == payer] for rows in (rated, measured, taken)
        )
        yield from _events(events)
        yield from _bundles(covered)
        for event in totals:
            yield from _measured(event)


def _events(events: list[dict]) -> Iterator[str]:
    for event in sorted(events, key=lambda row: (row["component"], row["split"])):
        yield from told_event(event)
    if len(events) > 1:
        yield f"{_together(events):f} {events[0]['currency']} together"


def _record(lake: Lake, event: dict) -> Iterator[str]:
    (udr,) = _rows(lake, UDRS, "udr_id", event["udr_id"], [event["event_day"].isoformat()])
    yield f"event {event['udr_id']}: {plain(udr['quantity'])} {udr['unit']} at {udr['local_at']} local time"
    yield f"  from {udr['source_file']}:{udr['source_line']}"


def _bundles(taken: list[dict]) -> Iterator[str]:
    """Which bundle took how much of an event."""
    for row in sorted(taken, key=lambda row: (row["split"], row["bundle_id"], row["part"])):
        yield f"  {row['amount']:f} {row['currency']} by bundle {row['bundle_id']}, {of_event(row)}"


def _measured(event: dict) -> Iterator[str]:
    """An event that only adds to a total of the month."""
    about = f" ({event['group_value']})" if event["group_value"] else ""
    yield f"  {plain(event['measured'])} for the total of the month of rate {event['rate_id']}{about}"
    yield from _place(event)


def told_event(event: dict) -> Iterator[str]:
    """An item of an event: all of it, or a part."""
    if event["rating_type"] == "pre_rated":
        yield f"  {event['amount']:f} {event['currency']}, priced by its source"
        return
    if event["split"] and not event["tariff_id"]:
        yield f"  part {event['split']}: {plain(event['quantity'])} of it from {event['local_at']}"
    yield from _found_by(event)
    if event["billed_quantity"] != event["measured"]:
        yield f"  {plain(event['measured'])} charged as {_counted(event)}"
    yield from _sum(event)


def _counted(row: dict) -> str:
    """The units that are charged, with what made them of those that were used."""
    least = f", at least {plain(row['minimum_quantity'])}" if row["minimum_quantity"] else ""
    stepped = f", in steps of {plain(row['increment'])}" if row["increment"] else ""
    return f"{plain(row['billed_quantity'])} {row['unit']}{least}{stepped}{of_step(row)}"


def told_charge(charge: dict, covered: Sequence[dict]) -> Iterator[str]:
    """A total of the month with what bundles cover of it (covered_totals), or what a monthly limit makes of events."""
    about = f" ({charge['group_value']})" if charge["group_value"] else ""
    since = f" from {charge['window_start']}" if charge["window_start"] else ""
    used_by = charge["subscription_id"] or charge["service_account_id"]
    yield f"charge of {charge['month']} for {used_by}, {charge['product_id']}{about}{since}"
    if charge["component"] == "limit":
        yield f"  {charge['events']} events of rate {charge['rate_id']} come to {charge['unit_amount']:f}"
        limit = plain(charge["unit_amount"] + charge["amount"])
        yield f"  {charge['amount']:f} {charge['currency']} to the {charge['limit_applied']} of the month, {limit}"
        return
    yield f"  {charge['aggregation']} of {charge['events']} events: {plain(charge['quantity'])}"
    yield _rate_of(charge, charge["rate_model"])
    for row in covered:
        yield f"  {of_total(row)}"
    left = abs(charge["quantity"]) - charge["covered_quantity"]
    if abs(charge["billed_quantity"]) != left:
        yield f"  {plain(left)} charged as {_counted(charge)}"
    yield from _sum(charge)


def _found_by(event: dict) -> Iterator[str]:
    yield _rate_of(event, event["rate_model"] or f"{event['component']} of tariff {event['tariff_id']}")
    yield from _place(event)


def _place(event: dict) -> Iterator[str]:
    """By what an event found its rate."""
    if event["zone_id"]:
        yield f"  zone {event['zone_id']} by prefix {event['zone_prefix']}"
    if event["lookups"]:
        yield f"  by lookups: {event['lookups']}"
    if event["time_band_id"]:
        yield f"  band {event['time_band_id']}"


def _rate_of(row: dict, model: str) -> str:
    fallback = "" if row["rate_plan"] == row["price_plan_id"] else f", which {row['price_plan_id']} falls back to"
    return f"  rate {row['rate_id']} ({model}) of plan {row['rate_plan']} version {row['plan_version']}{fallback}"


def _together(events: list[dict]) -> Decimal:
    return sum((event["amount"] for event in events), Decimal(0))


def _sum(row: dict) -> Iterator[str]:
    made = list(steps(row))
    for amount, words in made:
        yield f"  {amount:.10f}  {words}"
    basis = ", tax included" if row["tax_included"] else ""
    yield f"  {sum((amount for amount, _ in made), Decimal(0)):.10f} {row['currency']}{basis}"


def _billed(lake: Lake, item_id: str) -> Iterator[str]:
    found = _rows(lake, BILLED_ITEMS, "item_id", item_id)
    if not found:
        raise Unknown(f"there is no item {item_id}")
    (item,) = found
    yield f"{item['item_type']} item {item_id} of invoice {item['invoice_id']}: {item['label']}"
    yield f"  {item['amount']:f} {item['currency']}, {item['service_start']} to {item['service_end']} (exclusive)"
    yield from (f"  {text}" for text in Explanation(lake, item["invoice_id"]).item(item))


def _rows(lake: Lake, table: Table, column: str, value: str, keys: list[str] | None = None) -> list[dict]:
    rows = lake.read_all(table) if keys is None else lake.read(table, keys)
    return lake.engine.execute(rows.filter(rows[column] == value)).to_pylist()
