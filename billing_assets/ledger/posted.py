"""What is posted of a month: its items with their tax groups, and its invoices with their numbers."""

import ibis
import ibis.expr.types as ir

from billing_assets.exact import integer
from billing_assets.items.tables import OF_ITEM
from billing_assets.ledger.tables import POSTED_INVOICES, POSTED_ITEMS, STANDS, TAXED_COLUMNS

_CREDIT_NOTE = "credit_note"
_SERIES = ("vendor_account_id", "document_type", "year")
_SHORTEST = 6


def posted_items(
    billed: ir.Table, lines: ir.Table, charged: ir.Table, corrections: ir.Table, posting_id: int
) -> ir.Table:
    """The billed items of a month as its posting has them.

    `charged` are its charge_items and carried_items; `corrections` its correction_items.
    """
    groups = lines.rename(rate="tax_rate", of_line="invoice_line_id").select("of_line", *TAXED_COLUMNS)
    of_item, stands = [c.name for c in OF_ITEM], [c.name for c in STANDS]
    begun = charged.mutate(stands_from=charged.service_start, stands_until=charged.service_end)
    known = ibis.union(*(rows.select("item_id", *of_item, *stands) for rows in (begun, corrections)))
    known = known.rename(known_item="item_id")
    found = billed.left_join(groups, billed.invoice_line_id == groups.of_line)
    found = found.left_join(known, found.item_id == known.known_item)
    return POSTED_ITEMS.shape(
        found.mutate(
            posting_id=integer(posting_id),
            charged_month=ibis.coalesce(found.corrects_month, found.carried_from, found.month),
            stands_from=ibis.coalesce(found.stands_from, found.service_start),
            stands_until=ibis.coalesce(found.stands_until, found.service_end),
        )
    )


def posted_invoices(
    invoices: ir.Table, last_numbers: ir.Table, invoice_prefix: str, credit_note_prefix: str, posting_id: int
) -> ir.Table:
    """Invoices with the next numbers of their series, in the order of their ids: PREFIX2026-000001.

    Each vendor has series of its own for the invoices and the credit notes of a year. `last_numbers` has the last of
    each.
    """
    dated = invoices.mutate(year=invoices.issue_date.year().cast("int64"))
    series = last_numbers.select("last_number", **{f"of_{c}": last_numbers[c] for c in _SERIES})
    begun = dated.left_join(series, [dated[c] == series[f"of_{c}"] for c in _SERIES])
    order = ibis.window(group_by=[begun[c] for c in _SERIES], order_by=begun.invoice_id)
    counted = begun.mutate(
        place=(ibis.row_number().over(order) + 1 + begun.last_number.fill_null(0)).cast("int64"),
        prefix=ibis.ifelse(begun.document_type == _CREDIT_NOTE, credit_note_prefix, invoice_prefix),
    )
    place = counted.place.cast("string")
    padded = ibis.ifelse(place.length() < _SHORTEST, place.lpad(_SHORTEST, "0"), place)
    number = counted.prefix + counted.year.cast("string") + ibis.literal("-") + padded
    return POSTED_INVOICES.shape(counted.mutate(posting_id=integer(posting_id), invoice_number=number))
