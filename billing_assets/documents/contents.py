"""The rows that the documents of a month are made of, a batch of invoices at a time."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack

import ibis.expr.types as ir

from billing_assets import calendar
from billing_assets.contract import Table
from billing_assets.discounts.tables import DISCOUNT_ITEMS, DISCOUNTS
from billing_assets.documents.document import HISTORY_MONTHS, invoice_document
from billing_assets.documents.granted import granted
from billing_assets.documents.parts import Parts
from billing_assets.documents.usage import days_between, long_usage, unlisted, usage_records
from billing_assets.invoices.tables import BILLED_ITEMS, INVOICE_LINES, INVOICES
from billing_assets.items.invoice_parts import invoice_id, number_in
from billing_assets.items.tables import CARRIED_AMOUNTS, CARRIED_ITEMS, INVOICE_PARTS, PART_COLUMNS
from billing_assets.ledger.tables import POSTED_USAGE
from billing_assets.orders.tables import ORDER_LINES, SUBSCRIPTION_SERVICES, SUBSCRIPTIONS
from billing_assets.prepaid.tables import PREPAID_PAYMENTS
from billing_assets.rating.tables import RATED_ITEMS
from billing_assets.reference.tables import ACCOUNTS, CONTACTS, CURRENCIES, OFFERS, PRICE_PLANS, PRODUCTS, ZONES
from billing_assets.taxes.tables import TAX_ITEMS
from billing_assets.usage.tables import UDRS
from resources.lake import Lake

READ = (
    INVOICES, INVOICE_LINES, BILLED_ITEMS, INVOICE_PARTS, CARRIED_ITEMS, CARRIED_AMOUNTS, PREPAID_PAYMENTS, TAX_ITEMS,
    DISCOUNTS, DISCOUNT_ITEMS, RATED_ITEMS, UDRS, SUBSCRIPTIONS, SUBSCRIPTION_SERVICES, ORDER_LINES, ACCOUNTS, CONTACTS,
    CURRENCIES, PRODUCTS, PRICE_PLANS, OFFERS, ZONES,
)  # fmt: skip
# Small tables whose rows invoices call by their names.
_NAMED = {PRODUCTS: "product_id", PRICE_PLANS: "price_plan_id", OFFERS: "offer_id", ZONES: "zone_id"}
_BILLING = "billing"


class Contents:
    """The invoices of a month: of some billing cycles or all, or one of them."""

    def __init__(self, lake: Lake, month: str, cycles: Sequence[str] | None = None, invoice_id: str | None = None):
        self._lake = lake
        self.engine = lake.engine
        self.month = month
        self._cycles = cycles
        self._invoices = self._of_month(INVOICES)
        if invoice_id is not None:
            self._invoices = self._invoices.filter(self._invoices.invoice_id == invoice_id)
        self._stack = ExitStack()

    def __enter__(self) -> "Contents":
        self._digits = {row["currency"]: row["digits"] for row in self._rows(self._lake.read(CURRENCIES))}
        self._names = {
            table: {row[key]: row["name"] for row in self._rows(self._lake.read(table))}
            for table, key in _NAMED.items()
        }
        head = self._rows(self._invoices.select("invoice_id").order_by("invoice_id"))
        self.invoice_ids = [row["invoice_id"] for row in head]
        windows = self._windows()
        self._lines = self._cached(self._of_month(INVOICE_LINES))
        self._taxes = self._cached(self._of_month(TAX_ITEMS))
        (taken,) = self._rows(windows.aggregate(first=windows.usage_from.min(), end=windows.usage_to.max()))
        days = days_between(taken["first"], taken["end"], self._lake.keys(RATED_ITEMS))
        rated, udrs = (self._lake.read(table, days) for table in (RATED_ITEMS, UDRS))
        items = self._of_month(BILLED_ITEMS)
        self._events = (windows, items, rated, udrs)
        self._usage = self._cached(usage_records(*self._events))
        discounts = granted(items, self._of_month(DISCOUNT_ITEMS), self._lake.read(DISCOUNTS))
        self._discounts = self._cached(discounts)
        return self

    def __exit__(self, *exception: object) -> None:
        self._stack.close()

    def documents(self, invoice_ids: Sequence[str]) -> Iterator[dict]:
        """The documents of some invoices, in their order."""
        invoices = self._rows(self._invoices.filter(self._invoices.invoice_id.isin(invoice_ids)))
        cached = (self._lines, self._taxes, self._usage, self._discounts)
        lines, taxes, usage, discounts = (self._by_invoice(table, invoice_ids) for table in cached)
        owners = sorted({row["subscription_id"] for own in lines.values() for row in own if row["subscription_id"]})
        subscriptions = {row["subscription_id"]: row for row in self._some(SUBSCRIPTIONS, "subscription_id", owners)}
        named = {row[name] for row in invoices for name in ("payer_account_id", "vendor_account_id")}
        named |= {row["account_id"] for row in subscriptions.values()}
        accounts = {row["account_id"]: row for row in self._some(ACCOUNTS, "account_id", sorted(named))}
        contacts = self._contacts(sorted({row["vendor_account_id"] for row in invoices}))
        about, prepaid = self._about(invoices), self._by_invoice(self._of_month(PREPAID_PAYMENTS), invoice_ids)
        identifiers, ordered, history = self._identifiers(owners), self._ordered(subscriptions), self._history(invoices)
        names = {name: row["name"] for name, row in accounts.items()}
        for invoice in sorted(invoices, key=lambda row: row["invoice_id"]):
            number, vendor = invoice["invoice_id"], invoice["vendor_account_id"]
            yield invoice_document(
                Parts(
                    invoice=invoice,
                    digits=self._digits[invoice["currency"]],
                    seller=accounts[vendor],
                    buyer=accounts[invoice["payer_account_id"]],
                    seller_contact=contacts.get(vendor),
                    lines=lines[number],
                    taxes=taxes[number],
                    subscriptions=subscriptions,
                    identifiers=identifiers,
                    account_names=names,
                    products=self._names[PRODUCTS],
                    zones=self._names[ZONES],
                    ordered=ordered,
                    discounts={row["invoice_line_id"]: row for row in discounts[number]},
                    about=about.get((invoice["payer_account_id"], invoice["invoice_part"]), {}),
                    prepaid=prepaid[number],
                    usage=usage[number],
                    history=history[_series(invoice)],
                )
            )

    def long_usage(self) -> ir.Table | None:
        """All events of the invoices that have more than a document lists, as posted_usage; None if none has."""
        if not self._rows(unlisted(self._usage).limit(1)):
            return None
        lines = self._lines.select(
            "invoice_line_id", "line_number", "label", "subscription_id", "billing_cycle", "month"
        )
        return POSTED_USAGE.shape(long_usage(*self._events).join(lines, "invoice_line_id"))

    def _of_month(self, table: Table) -> ir.Table:
        return self._lake.read(table, [self.month], self._cycles)

    def _rows(self, expression: ir.Table) -> list[dict]:
        return self._lake.engine.execute(expression).to_pylist()

    def _cached(self, expression: ir.Table) -> ir.Table:
        cached = self._lake.engine.cache(expression.semi_join(self._invoices, "invoice_id"))
        self._stack.callback(self._lake.engine.release, cached)
        return cached

    def _by_invoice(self, table: ir.Table, invoice_ids: Sequence[str]) -> dict[str, list[dict]]:
        found = defaultdict(list)
        for row in self._rows(table.filter(table.invoice_id.isin(invoice_ids))):
            found[row["invoice_id"]].append(row)
        return found

    def _some(self, table: Table, column: str, values: Sequence[str]) -> list[dict]:
        rows = self._lake.read(table)
        return self._rows(rows.filter(rows[column].isin(values))) if values else []

    def _windows(self) -> ir.Table:
        """usage_from and usage_to of the invoices, and of earlier ones whose items waited for them."""
        own = self._invoices.select("invoice_id", "usage_from", "usage_to")
        if not self._lake.count(CARRIED_ITEMS, [self.month], self._cycles):
            return own
        items, amounts = self._of_month(CARRIED_ITEMS), self._lake.read_all(CARRIED_AMOUNTS)
        waited = items.select(then=number_in(items.carried_from, invoice_id(items))).distinct()
        return own.union(amounts.semi_join(waited, amounts.invoice_id == waited.then).select(own.columns))

    def _about(self, invoices: Sequence[dict]) -> dict[tuple[str, str], dict[str, str]]:
        """What each of a payer's several invoices is for: order, location and so on."""
        payers = sorted({row["payer_account_id"] for row in invoices if row["invoice_part"] is not None})
        parts = self._of_month(INVOICE_PARTS)
        found = self._rows(parts.filter(parts.payer_account_id.isin(payers))) if payers else []
        return {(row["payer_account_id"], row["invoice_part"]): {c: row[c] for c in PART_COLUMNS} for row in found}

    def _contacts(self, vendors: Sequence[str]) -> dict[str, dict]:
        """The first contact for billing of each vendor."""
        found = [row for row in self._some(CONTACTS, "account_id", vendors) if row["role"] == _BILLING]
        return {row["account_id"]: row for row in sorted(found, key=lambda row: row["contact_id"], reverse=True)}

    def _identifiers(self, subscriptions: Sequence[str]) -> dict[str, list[str]]:
        found = defaultdict(set)
        for row in self._some(SUBSCRIPTION_SERVICES, "subscription_id", subscriptions):
            found[row["subscription_id"]].add(row["service_identifier"])
        return {subscription: sorted(identifiers) for subscription, identifiers in found.items()}

    def _ordered(self, subscriptions: Mapping[str, dict]) -> dict[str, str]:
        """What subscriptions were ordered as: their offers, else their plan."""
        found = defaultdict(set)
        for row in self._some(ORDER_LINES, "subscription_id", sorted(subscriptions)):
            if row["offer_id"] is not None:
                found[row["subscription_id"]].add(self._names[OFFERS][row["offer_id"]])
        offers = {subscription: ", ".join(sorted(names)) for subscription, names in found.items()}
        plans = {
            subscription: self._names[PRICE_PLANS].get(row["price_plan_id"])
            for subscription, row in subscriptions.items()
        }
        return plans | offers

    def _history(self, invoices: Sequence[dict]) -> dict[str, list[dict]]:
        """What the invoices of the same account, currency and split came to in the last months."""
        months = [calendar.months_later(self.month, -n) for n in range(HISTORY_MONTHS)]
        earlier = self._lake.read(INVOICES, sorted(months))
        payers = sorted({row["payer_account_id"] for row in invoices})
        found = defaultdict(list)
        for row in self._rows(earlier.filter(earlier.payer_account_id.isin(payers)).order_by("month")):
            found[_series(row)].append(row)
        return found


def _series(invoice: dict) -> str:
    """The number of an invoice without its month: what it has in common with those before and after it."""
    return invoice["invoice_id"].removeprefix(invoice["month"])
