"""What the items of a month were made of, each back to the file that it came from."""

from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal

from billing_assets import calendar
from billing_assets.billing_schedule.tables import BILLING_SCHEDULE_DETAILS
from billing_assets.bundles.tables import BUNDLE_COUNTERS, BUNDLE_ITEMS, COVERED_TOTALS
from billing_assets.charges.tables import USAGE_CHARGES
from billing_assets.discounts.tables import DISCOUNT_ITEMS, DISCOUNTS
from billing_assets.fees.tables import COMMITMENT_COUNTERS, OVERDUE_AMOUNTS
from billing_assets.invoices.tables import INVOICE_LINES, INVOICES
from billing_assets.items.tables import CARRIED_AMOUNTS
from billing_assets.rating.tables import RATED_ITEMS
from billing_assets.reference.tables import (
    ACCOUNT_FEES,
    ACCOUNTS,
    BILLING_CYCLES,
    COMMITMENTS,
    DISCOUNT_DEFINITIONS,
    TAX_RATES,
)
from billing_assets.taxes.tables import TAX_ANSWERS, TAX_ITEMS
from billing_assets.usage.tables import UDRS
from jobs import bundle_words, discount_words, event_words
from jobs.arithmetic import money, plain
from jobs.explain_tax import explain_tax
from jobs.fees_made_of import FeesMadeOf
from jobs.month_rows import MonthRows
from resources.lake import Lake

MOST_EVENTS = 20


class MadeOf:
    """What items were made of in the month that charged them, be it billed or not."""

    def __init__(self, lake: Lake, month: str):
        self._rows = MonthRows(lake, month)
        fees = FeesMadeOf(self._rows)
        self._makers: dict[str, Callable[[dict], Iterator[str]]] = {
            RATED_ITEMS.name: self._usage,
            BUNDLE_ITEMS.name: self._bundle,
            COMMITMENT_COUNTERS.name: self._commitment,
            USAGE_CHARGES.name: self._charges,
            BILLING_SCHEDULE_DETAILS.name: fees.fee,
            OVERDUE_AMOUNTS.name: fees.late_fee,
            ACCOUNT_FEES.name: fees.invoice_fee,
            DISCOUNTS.name: self._discount,
            INVOICE_LINES.name: self._of_line,
            TAX_RATES.name: self._tax,
            TAX_ANSWERS.name: self._tax,
        }

    def item(self, item: dict) -> Iterator[str]:
        """The lines of text that tell what an item was made of."""
        yield from self._makers[item["source_table"]](item)

    def _usage(self, item: dict) -> Iterator[str]:
        yield from self._events(self._rated_events(item), event_words.of_event)

    def _charges(self, item: dict) -> Iterator[str]:
        for charge in self._rows.of(USAGE_CHARGES, "charge_key", item["source_id"]):
            of = "limit of the month for" if charge["component"] == "limit" else f"{charge['aggregation']} of"
            yield f"{charge['amount']:f}  {of} {charge['events']} events; charge {charge['usage_charge_id']}"
            covered = self._rows.of(COVERED_TOTALS, "usage_charge_id", charge["usage_charge_id"])
            for row in bundle_words.in_turn(covered):
                yield bundle_words.of_total(row)
                yield from bundle_words.of_counters(self._counters(row["bundle_id"], {row["owner_id"]}))

    def _bundle(self, item: dict) -> Iterator[str]:
        bundle, charge, part = item["source_id"].rsplit(":", 2)
        of_charge = self._rows.of(BUNDLE_ITEMS, "charge_key", charge)
        covered = [row for row in of_charge if (row["bundle_id"], row["part"]) == (bundle, part)]
        yield from self._events(covered, bundle_words.of_event)
        yield from bundle_words.of_counters(self._counters(bundle, {row["owner_id"] for row in covered}))

    def _counters(self, bundle: str, owners: set[str]) -> list[dict]:
        return [row for row in self._rows.of(BUNDLE_COUNTERS, "bundle_id", bundle) if row["owner_id"] in owners]

    def _commitment(self, item: dict) -> Iterator[str]:
        owner, bundle, begin, part = item["source_id"].rsplit(":", 3)
        terms = self._rows.one(COMMITMENTS, "bundle_id", bundle)
        for row in self._rows.of(COMMITMENT_COUNTERS, "owner_id", owner):
            if (row["bundle_id"], str(row["period_from"])) == (bundle, begin):
                yield f"{bundle_words.of_commitment(part, row, terms)}; {terms['source_file']}:{terms['source_line']}"

    def _events(self, events: list[dict], words: Callable[[dict], str]) -> Iterator[str]:
        shown = sorted(events, key=lambda e: (e["billing_effective_at"], e["udr_id"], e["split"]))[:MOST_EVENTS]
        places = self._places(shown)
        for event in shown:
            yield f"{event['amount']:f}  {words(event)}; {places.get(event['udr_id'], 'no record')}"
        if len(events) > MOST_EVENTS:
            together = sum((event["amount"] for event in events), Decimal(0))
            yield f"… {len(events)} events in all, together {together:f}"

    def _discount(self, item: dict) -> Iterator[str]:
        """All subscriptions that have a discount have it alike: it is told of one of them."""
        (made,) = self._rows.of(DISCOUNT_ITEMS, "item_id", item["item_id"])
        given = self._rows.one(DISCOUNTS, "discount_id", item["source_id"])
        definition = self._rows.one(DISCOUNT_DEFINITIONS, "discount_definition_id", given["discount_definition_id"])
        yield discount_words.of_item(made, given)
        yield discount_words.of_discount(given, definition)

    def _tax(self, item: dict) -> Iterator[str]:
        (tax,) = self._rows.of(TAX_ITEMS, "item_id", item["item_id"])
        yield from explain_tax(self._rows.lake, tax)

    def _of_line(self, item: dict) -> Iterator[str]:
        if item["item_type"] == "rounding":
            yield "to whole coins, so that the lines add up to what their tax group comes to"
            return
        (line,) = self._rows.of(INVOICE_LINES, "invoice_line_id", item["source_id"])
        price, rate = money(line["price_amount"], line["currency"]), plain(line["included_rate"])
        due = "added to the invoice as tax" if line["tax_rate"] else "not due"
        yield f"{rate} % tax in {price}: taken out of the line, and {due}"

    def _places(self, events: list[dict]) -> dict[str, str]:
        """File and line of each event's record."""
        days = sorted({event["billing_effective_at"].date().isoformat() for event in events})
        udrs = self._rows.lake.read(UDRS, days)
        found = udrs.filter(udrs.udr_id.isin([event["udr_id"] for event in events]))
        rows = self._rows.lake.engine.execute(found.select("udr_id", "source_file", "source_line")).to_pylist()
        return {row["udr_id"]: f"{row['source_file']}:{row['source_line']}" for row in rows}

    def _rated_events(self, item: dict) -> list[dict]:
        """The events of a usage item: those of its charge within the payer's window."""
        start, end = self._window(item["payer_account_id"])
        days = calendar.day_range(start.date(), end.date())
        rows = self._rows.lake.read(RATED_ITEMS, [day.isoformat() for day in days])
        of_charge = rows.filter(
            rows.charge_key == item["source_id"],
            rows.billing_effective_at >= start,
            rows.billing_effective_at < end,
        )
        return self._rows.lake.engine.execute(of_charge).to_pylist()

    def _window(self, payer: str) -> tuple[datetime, datetime]:
        """The usage that a payer's month takes, which is that of any of its invoices."""
        for table in (INVOICES, CARRIED_AMOUNTS):
            for invoice in self._rows.of(table, "payer_account_id", payer):
                return invoice["usage_from"], invoice["usage_to"]
        # who had no invoice, as nothing was charged before it was corrected
        account = self._rows.one(ACCOUNTS, "account_id", payer)
        cycle = self._rows.one(BILLING_CYCLES, "billing_cycle", account["billing_cycle"])
        days = calendar.window(self._rows.month, cycle["anchor_day"])
        start, end = (calendar.midnight(day, account["time_zone"]) for day in days)
        return start, end
