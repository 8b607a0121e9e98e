"""Taxes that an engine of somebody else's works out: what it is asked of each item, and what its answers come to.

An item is asked with all that decides its tax, and the digest of that is the id of the request. An answer is kept by
it: the same question is asked once, and a run that is done again asks nothing. An answer has any number of taxes, as
of city, county, state and federation. The taxes of an invoice are added up and rounded once each.
"""

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple, Protocol

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from billing_assets.contract import ConfigurationError
from billing_assets.exact import to_currency, total, zero
from billing_assets.item import EVENT_TYPES, digest
from billing_assets.taxation.regimes import ENGINE
from billing_assets.taxes.determination import TaxBook, with_tax_group
from billing_assets.taxes.groups import as_tax_items
from billing_assets.taxes.tables import TAX_ANSWERS, TAX_REQUESTS

# What an engine is told of an item.
ASKED = (
    "vendor_account_id", "payer_account_id", "transaction_type", "tax_code", "product_id", "supply_date", "quantity",
    "unit", "amount", "currency", "caller_location", "called_location", "service_location", "billing_location",
    "exempt", "certificate_id",
)  # fmt: skip


class TaxLine(NamedTuple):
    """One tax of an answer; the rate is None where the tax is an amount of its own."""

    level: str
    jurisdiction: str
    name: str
    rate: Decimal | None
    taxable_amount: Decimal
    amount: Decimal


class TaxEngine(Protocol):
    """What the stage asks of a tax engine."""

    batch_size: int

    def taxes(self, requests: Sequence[dict]) -> Sequence[Sequence[TaxLine]]:
        """The taxes of each request, in their order; a request has request_id and the fields of ASKED.

        Raises ConfigurationError when they cannot be had.
        """


def tax_requests(items: ir.Table, book: TaxBook) -> ir.Table:
    """What the engine is asked: a row per item whose regime it is."""
    grouped = with_tax_group(items, book)
    own = grouped.filter(grouped.tax_regime == ENGINE)
    users = book.accounts.select("service_location", "billing_location", placed="account_id")
    used = own.left_join(users, ibis.coalesce(own.service_account_id, own.payer_account_id) == users.placed)
    used = used.drop("placed", "billing_location")
    payers = users.drop("service_location").rename(payer_placed="placed")
    both = used.left_join(payers, used.payer_account_id == payers.payer_placed)
    billing = ibis.coalesce(both.billing_location, both.country)
    told = both.mutate(
        transaction_type=ibis.ifelse(both.item_type.isin(EVENT_TYPES), "event", "subscription"),
        service_location=ibis.coalesce(both.service_location, billing),
        billing_location=billing,
        exempt=both.exempt_category.notnull(),
    )
    return TAX_REQUESTS.shape(told.mutate(request_id=digest(*(told[c] for c in ASKED))))


def require_before_tax(requests: ir.Table, rows: Callable[[ir.Table], list[dict]]) -> None:
    """Raise ConfigurationError for an item whose price includes a tax that only the engine knows."""
    for row in rows(requests.filter(requests.tax_included).order_by("invoice_id", "item_id").limit(1)):
        raise ConfigurationError(
            f"tax_regimes: {row['label']!r} on invoice {row['invoice_id']} has a price with tax, which the regime "
            f"{ENGINE!r} cannot take apart"
        )


def unanswered(requests: ir.Table, answers: ir.Table) -> ir.Table:
    """The questions without an answer, each once per billing cycle."""
    asked = requests.select("month", "billing_cycle", "request_id", *ASKED).distinct()
    return asked.anti_join(answers, ["billing_cycle", "request_id"]).order_by("billing_cycle", "request_id")


def ask(engine: TaxEngine, questions: pa.Table) -> tuple[pa.Table, ConfigurationError | None]:
    """Rows of TAX_ANSWERS for the questions that were answered, and what kept the others from being so."""
    rows: list[dict] = []
    failure = None
    for batch in questions.to_batches(engine.batch_size):
        asked = batch.to_pylist()
        try:
            answers = engine.taxes([{c: row[c] for c in ("request_id", *ASKED)} for row in asked])
        except ConfigurationError as error:
            failure = error
            break
        rows += (row for question, lines in zip(asked, answers, strict=True) for row in _rows(question, lines))
    return pa.Table.from_pylist(rows, schema=TAX_ANSWERS.arrow_schema), failure


def _rows(question: dict, lines: Sequence[TaxLine]) -> Iterator[dict]:
    """The rows of an answer. One without taxes has a row as well: line 0."""
    place = {c: question[c] for c in ("month", "billing_cycle", "request_id")}
    if not lines:
        yield place | {"line_number": 0, "taxable_amount": Decimal(0), "amount": Decimal(0)}
    for number, line in enumerate(lines, start=1):
        yield place | {
            "line_number": number, "tax_level": line.level, "jurisdiction": line.jurisdiction, "tax_name": line.name,
            "rate": line.rate, "taxable_amount": line.taxable_amount, "amount": line.amount,
        }  # fmt: skip


def engine_tax_items(requests: ir.Table, answers: ir.Table, currencies: ir.Table, windows: ir.Table) -> ir.Table:
    """One tax item per invoice, tax code and tax of the answers to its items."""
    lines = answers.filter(answers.line_number > 0)
    asked = requests.select(
        "month", "billing_cycle", "request_id", "leg", "payer_account_id", "invoice_part", "invoice_id", "tax_code",
        "country", "currency", "tax_rounding",
    )  # fmt: skip
    told = asked.join(lines, ["month", "billing_cycle", "request_id"])
    of_tax = (*(c for c in asked.columns if c != "request_id"), "tax_level", "jurisdiction", "tax_name", "rate")
    sums = told.group_by(*of_tax).aggregate(
        exact_amount=total(told.taxable_amount), tax=total(told.amount), events=told.count()
    )
    coined = sums.join(currencies, "currency")
    base = to_currency(coined.exact_amount, coined.digits)
    return as_tax_items(
        coined.mutate(base_amount=base, price_amount=base),
        windows,
        tax_regime=ENGINE,
        label=coined.tax_name,
        source_table=TAX_ANSWERS.name,
        source_id=tax_name_of(coined),
        tax_included=False,
        included_rate=zero(),
        amount=to_currency(coined.tax, coined.digits),
    )


def tax_name_of(rows: ir.Table) -> ir.StringValue:
    """What tells the taxes of a payer apart: code, level, jurisdiction, name, rate, and invoice."""
    colon = ibis.literal(":")
    rate = ibis.coalesce(rows.rate.cast("string"), ibis.literal("-"))
    named = colon.join([rows.tax_code, rows.tax_level, rows.jurisdiction, rows.tax_name, rate])
    return named + ibis.coalesce(colon + rows.invoice_part, ibis.literal(""))
