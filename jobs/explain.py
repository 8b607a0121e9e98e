"""Why is this invoice 41.27? From the invoice to its lines, their items, their events, and raw lines.

Everything is read from the tables: the arithmetic that is printed is the one that was stored, and each
level adds up to the one above it.
"""

from collections.abc import Callable, Iterator
from decimal import Decimal

from billing_assets import calendar
from billing_assets.billing_schedule.tables import (
    ADVANCE_PURCHASES,
    BILLING_HEADERS,
    BILLING_SCHEDULE_DETAILS,
    PRICE_PHASES,
)
from billing_assets.bundles.tables import BUNDLE_ITEMS
from billing_assets.charges.tables import USAGE_CHARGES
from billing_assets.contract import Table
from billing_assets.discounts.tables import DISCOUNT_ITEMS, DISCOUNTS
from billing_assets.fees.tables import OVERDUE_AMOUNTS
from billing_assets.invoices.tables import BILLED_ITEMS, INVOICE_LINES, INVOICES
from billing_assets.orders.tables import BUY_IN_ADVANCE_REQUESTS, ORDER_LINES
from billing_assets.rating.tables import RATED_ITEMS
from billing_assets.reference.tables import ACCOUNT_FEES, ANY, DISCOUNT_DEFINITIONS, TAX_RATES
from billing_assets.taxes.tables import TAX_ITEMS
from billing_assets.usage.tables import UDRS
from jobs import discount_words
from jobs.arithmetic import by_own_model, has_own_model, plain
from resources.lake import Lake

MOST_EVENTS = 20
PHASES = {"trial": " in the trial", "new_rate": " at a later rate", "indexed": " by the index"}
# What comes after the charges of a line.
_LAST = {"rounding": 1, "included_tax": 2}


class Unknown(Exception):
    """There is no such invoice, line, item or quote."""


def is_invoice(lake: Lake, name: str) -> bool:
    """Whether a name is the draft number of an invoice."""
    invoices = lake.read(INVOICES, [name[:7]])
    return bool(lake.engine.execute(invoices.filter(invoices.invoice_id == name).limit(1)).num_rows)


class Explanation:
    """The lines of text that explain an invoice, or one of its lines down to the files."""

    def __init__(self, lake: Lake, invoice_id: str):
        self.lake = lake
        self.invoice_id = invoice_id
        self.month = invoice_id[:7]

    def invoice(self) -> Iterator[str]:
        """The invoice: its lines, its taxes, its totals."""
        invoice = self._invoice()
        currency = invoice["currency"]
        yield (
            f"{invoice['document_type'].replace('_', ' ')} {self.invoice_id}  {invoice['vendor_account_id']} to "
            f"{invoice['payer_account_id']}  {invoice['period_start']} to {invoice['period_end']} (exclusive)"
        )
        for line in self._lines():
            quantity = f"  {plain(line['billed_quantity'])} {line['unit']}" if line["unit"] else ""
            about = f" to {line['zone_id']}" if line["zone_id"] else ""
            if line["item_type"] == "discount":
                about = f" on {line['product_id']}"
            price = f", price {_money(line['price_amount'], currency)} with tax" if line["tax_included"] else ""
            yield (
                f"  {line['line_number']:>3}  {_money(line['net_amount'], currency):>16}  {line['label']}{about}, "
                f"{line['subscription_id'] or 'account'}, {line['service_start']} to {line['service_end']}"
                f"{quantity}{price}"
            )
        yield f"       {_money(invoice['net_amount'], currency):>16}  net"
        for tax in self._of(TAX_ITEMS, "invoice_id", self.invoice_id):
            yield f"       {_money(tax['amount'], currency):>16}  {tax['label']} {_taxed(tax)}, {tax['country']}"
        yield f"       {_money(invoice['gross_amount'], currency):>16}  total"

    def line(self, number: int) -> Iterator[str]:
        """One line: its items and, for each, what made its amount, back to the file it came from."""
        found = [line for line in self._lines() if line["line_number"] == number]
        if not found:
            raise Unknown(f"invoice {self.invoice_id} has no line {number}")
        line = found[0]
        yield f"line {number} of {self.invoice_id}: {line['label']}  {_money(line['net_amount'], line['currency'])}"
        items = self._of(BILLED_ITEMS, "invoice_line_id", line["invoice_line_id"])
        for item in sorted(items, key=lambda i: (_LAST.get(i["item_type"], 0), i["item_id"])):
            yield f"  {item['amount']:f}  {item['item_type']} item {item['item_id']}"
            yield from (f"    {text}" for text in self.item(item))
        total = sum((item["amount"] for item in items), Decimal(0))
        yield f"  {total:f}  sum of the items = {_money(line['net_amount'], line['currency'])}"

    def item(self, item: dict) -> Iterator[str]:
        """What one billed item was made of."""
        makers = {
            RATED_ITEMS.name: self._usage,
            BUNDLE_ITEMS.name: self._bundle,
            USAGE_CHARGES.name: self._charges,
            BILLING_SCHEDULE_DETAILS.name: self._fee,
            OVERDUE_AMOUNTS.name: self._late_fee,
            ACCOUNT_FEES.name: self._invoice_fee,
            DISCOUNTS.name: self._discount,
            INVOICE_LINES.name: self._of_line,
            TAX_RATES.name: self._tax,
        }
        yield from makers[item["source_table"]](item)

    def _usage(self, item: dict) -> Iterator[str]:
        yield from self._events(self._rated_events(item), self._rated)

    def _charges(self, item: dict) -> Iterator[str]:
        for charge in self._of(USAGE_CHARGES, "charge_key", item["source_id"]):
            of = "limit of the month for" if charge["component"] == "limit" else f"{charge['aggregation']} of"
            yield f"{charge['amount']:f}  {of} {charge['events']} events; charge {charge['usage_charge_id']}"

    def _bundle(self, item: dict) -> Iterator[str]:
        bundle, _, charge = item["source_id"].partition(":")
        covered = [row for row in self._of(BUNDLE_ITEMS, "charge_key", charge) if row["bundle_id"] == bundle]
        yield from self._events(covered, self._covered)

    def _events(self, events: list[dict], words: Callable[[dict], str]) -> Iterator[str]:
        shown = sorted(events, key=lambda e: (e["billing_effective_at"], e["udr_id"], e["split"]))[:MOST_EVENTS]
        places = self._places(shown)
        for event in shown:
            yield f"{event['amount']:f}  {words(event)}; {places.get(event['udr_id'], 'no record')}"
        if len(events) > MOST_EVENTS:
            together = sum((event["amount"] for event in events), Decimal(0))
            yield f"… {len(events)} events in all, together {together:f}"

    @staticmethod
    def _rated(event: dict) -> str:
        if event["rating_type"] == "pre_rated":
            return f"{event['local_at']}: pre-rated by its source"
        if event["price_limit"] is not None:
            before = plain(event["price_limit"] - event["amount"])
            return (
                f"{event['local_at']}: the session's {before} brought to the {event['limit_applied']} of "
                f"{plain(event['price_limit'])} (rate {event['rate_id']}, tariff {event['tariff_id']})"
            )
        words = f"{event['local_at']}: "
        if has_own_model(event):
            words += by_own_model(event)
        elif event["tier_above"] is not None:
            words += f"{plain(event['measured'])} {event['unit']} in tiers (event {event['udr_id']})"
        else:
            words += f"{plain(event['measured'])} {event['unit']}"
            if event["billed_quantity"] != event["measured"]:
                words += f", charged as {plain(event['billed_quantity'])}{_stepped(event)}"
            words += f" * {plain(event['unit_price'])}"
            if event["price_per"] != 1:
                words += f" / {plain(event['price_per'])}"
        if event["setup_fee"]:
            words += f" + {plain(event['setup_fee'])} setup"
        if event["limit_applied"]:
            words += f", {event['limit_applied']} applied"
        zone = f", zone {event['zone_id']} by prefix {event['zone_prefix']}" if event["zone_id"] else ""
        band = f", band {event['time_band_id']}" if event["time_band_id"] else ""
        tariff = f", {event['component']} of tariff {event['tariff_id']}" if event["tariff_id"] else ""
        element = f", {'element' if event['tariff_id'] else 'part'} {event['split']}" if event["split"] else ""
        return f"{words} (rate {event['rate_id']}{zone}{band}{tariff}{element})"

    @staticmethod
    def _covered(event: dict) -> str:
        part = f"{plain(event['covered_quantity'])} of {plain(event['billed_quantity'])} {event['unit']}"
        before = event["used_before"]
        used = "" if before is None else f", {plain(before)} used before"
        return f"{event['billing_effective_at']} UTC: covers {part}{used}"

    def _fee(self, item: dict) -> Iterator[str]:
        (detail,) = self._of(BILLING_SCHEDULE_DETAILS, "billing_schedule_detail_id", item["source_id"])
        header = self._phased(self._one(BILLING_HEADERS, "billing_header_id", detail["billing_header_id"]), detail)
        order = self._one(ORDER_LINES, "order_line_id", header["order_line_id"])
        price = f"{plain(header['quantity'])} * {plain(header['unit_price'])}"
        if header["unit_price"] is None or detail["full_price"] != header["net_price"]:
            price = f"{plain(detail['full_price'])} for {plain(header['quantity'])}{_priced_by(header, detail)}"
        days = ""
        if detail["billed_days"] != detail["full_days"] and header["proration"] != "full":
            days = f" * {detail['billed_days']} / {detail['full_days']} days"
        rate = f", rate {header['rate_id']}" if header["rate_id"] else ""
        if detail["category"] == "discount":
            yield self._bought(detail)
            return
        if detail["undivided_amount"] is not None:
            yield f"part {header['split_part']}: {plain(detail['fee_amount'])} of {plain(detail['undivided_amount'])}"
        yield (
            f"{price}{days} (price of the {header['pricing_source'].replace('_', ' ')}{rate}); order line "
            f"{order['order_line_id']}, {order['source_file']}:{order['source_line']}"
        )

    def _bought(self, detail: dict) -> str:
        """What is taken off for buying in advance, and the request for it."""
        bought = self._one(ADVANCE_PURCHASES, "billing_header_id", detail["billing_header_id"])
        request = self._one(BUY_IN_ADVANCE_REQUESTS, "request_id", bought["request_id"])
        share = f"{bought['free_months']} of {bought['months']} months free"
        if bought["free_months"] is None:
            share = f"{plain(bought['discount_percent'])} % off {bought['months']} months"
        return f"{share}: request {bought['request_id']}, {request['source_file']}:{request['source_line']}"

    def _phased(self, header: dict, detail: dict) -> dict:
        """The header with the price of the phase that a detail is in, where that is not the agreed one."""
        phases = self.lake.read(PRICE_PHASES)
        start = detail["period_start"]
        found = phases.filter(
            phases.billing_header_id == header["billing_header_id"], phases.phase != "agreed",
            phases.phase_from <= start, phases.phase_to > start,
        )  # fmt: skip
        given = {"phase": None}
        for row in self.lake.engine.execute(found).to_pylist():
            given = {name: row[name] for name in ("phase", "net_price", "rate_id")} | {"unit_price": None}
        return header | given

    def _late_fee(self, item: dict) -> Iterator[str]:
        overdue = self._one(OVERDUE_AMOUNTS, "overdue_id", item["source_id"])
        fee = self._account_fee(item, "late")
        price = f"{plain(fee['amount'])} for" if fee["percent"] is None else f"{plain(fee['percent'])} % of"
        yield (
            f"{price} {plain(overdue['amount'])} overdue on {overdue['overdue_on']} ({overdue['source_file']}:"
            f"{overdue['source_line']}); {fee['source_file']}:{fee['source_line']}"
        )

    def _invoice_fee(self, item: dict) -> Iterator[str]:
        fee = self._account_fee(item, "invoice")
        yield f"{plain(fee['amount'])} for each invoice; {fee['source_file']}:{fee['source_line']}"

    def _account_fee(self, item: dict, kind: str) -> dict:
        """The payer's own row of a fee, else that for any account, of those valid on its day."""
        fees, day = self.lake.read(ACCOUNT_FEES), item["service_start"]
        found = fees.filter(
            fees.kind == kind, fees.product_id == item["product_id"], fees.currency == item["currency"],
            fees.valid_from <= day, fees.valid_to > day,
        )  # fmt: skip
        owners = {row["account_id"]: row for row in self.lake.engine.execute(found).to_pylist()}
        return owners.get(item["payer_account_id"]) or owners[ANY]

    def _discount(self, item: dict) -> Iterator[str]:
        """All subscriptions that have a discount have it alike: it is told of one of them."""
        (made,) = self._of(DISCOUNT_ITEMS, "item_id", item["item_id"])
        given = self._one(DISCOUNTS, "discount_id", item["source_id"])
        definition = self._one(DISCOUNT_DEFINITIONS, "discount_definition_id", given["discount_definition_id"])
        yield discount_words.of_item(made, given)
        yield discount_words.of_discount(given, definition)

    def _tax(self, item: dict) -> Iterator[str]:
        (tax,) = self._of(TAX_ITEMS, "item_id", item["item_id"])
        yield f"{_taxed(tax)}, tax code {tax['tax_code']} in {tax['country']}"

    def _of_line(self, item: dict) -> Iterator[str]:
        if item["item_type"] == "rounding":
            yield "to whole coins, so that the lines add up to what their tax group comes to"
            return
        (line,) = self._of(INVOICE_LINES, "invoice_line_id", item["source_id"])
        price, rate = _money(line["price_amount"], line["currency"]), plain(line["included_rate"])
        due = "added to the invoice as tax" if line["tax_rate"] else "not due"
        yield f"{rate} % tax in {price}: taken out of the line, and {due}"

    def _places(self, events: list[dict]) -> dict[str, str]:
        """File and line of each event's record."""
        days = sorted({event["billing_effective_at"].date().isoformat() for event in events})
        udrs = self.lake.read(UDRS, days)
        found = udrs.filter(udrs.udr_id.isin([event["udr_id"] for event in events]))
        rows = self.lake.engine.execute(found.select("udr_id", "source_file", "source_line")).to_pylist()
        return {row["udr_id"]: f"{row['source_file']}:{row['source_line']}" for row in rows}

    def _rated_events(self, item: dict) -> list[dict]:
        """The events of a usage item: those of its charge within the invoice's window."""
        invoice = self._invoice()
        start, end = invoice["usage_from"], invoice["usage_to"]
        days = calendar.day_range(start.date(), end.date())
        rows = self.lake.read(RATED_ITEMS, [day.isoformat() for day in days])
        of_charge = rows.filter(
            rows.charge_key == item["source_id"],
            rows.billing_effective_at >= start,
            rows.billing_effective_at < end,
        )
        return self.lake.engine.execute(of_charge).to_pylist()

    def _invoice(self) -> dict:
        found = self._of(INVOICES, "invoice_id", self.invoice_id)
        if not found:
            raise Unknown(f"there is no invoice {self.invoice_id}")
        return found[0]

    def _lines(self) -> list[dict]:
        return sorted(self._of(INVOICE_LINES, "invoice_id", self.invoice_id), key=lambda line: line["line_number"])

    def _of(self, table: Table, column: str, value: str) -> list[dict]:
        rows = self.lake.read(table, [self.month])
        return self.lake.engine.execute(rows.filter(rows[column] == value)).to_pylist()

    def _one(self, table: Table, column: str, value: str) -> dict:
        rows = self.lake.read(table)
        return self.lake.engine.execute(rows.filter(rows[column] == value)).to_pylist()[0]


def _money(value: Decimal, currency: str) -> str:
    return f"{plain(value, at_least=2)} {currency}"


def _taxed(tax: dict) -> str:
    """The rate of a tax item, and what it is of."""
    if tax["rate"] is None:
        return f"no rate known of {_money(tax['base_amount'], tax['currency'])}"
    if tax["tax_included"] and tax["rate"]:
        return f"{plain(tax['rate'])} % in {_money(tax['price_amount'], tax['currency'])}"
    return f"{plain(tax['rate'])} % of {_money(tax['base_amount'], tax['currency'])}"


def _priced_by(header: dict, detail: dict) -> str:
    """What made the price of a full period, where that is no quantity times price."""
    if detail["maturity"] is not None:
        return f" in month {plain(detail['maturity'])} of the service"
    if header["phase"]:
        return PHASES[header["phase"]]
    of_price = header["price_period"].replace("_", " ")
    return " in tiers" if of_price == "billing period" else f", at {plain(header['net_price'])} for a {of_price}"


def _stepped(event: dict) -> str:
    return f" (all of its {event['component']} in steps of {plain(event['step'])})" if event["step"] else ""
