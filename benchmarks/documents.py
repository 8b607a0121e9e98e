"""Documents per second and core: one invoice with twenty lines and a hundred events, written again and again.

python benchmarks/documents.py [--documents 20]
"""

import argparse
import json
import tempfile
import time
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from billing_assets.documents.document import invoice_document
from billing_assets.documents.files import FORMS, write_documents
from billing_assets.documents.parts import Parts

LINES, EVENTS = 20, 100
PARTY = {
    "account_id": "A", "name": "A customer", "street": "Main street 1", "postal_code": "1000", "city": "Town",
    "country": "FR", "registration_number": "1", "tax_number": "1", "endpoint_scheme": "0060", "endpoint_id": "123456789",
    "iban": None, "bic": None, "vat_id": None, "vat_id_well_formed": None, "buyer_reference": None, "language": "fr",
}  # fmt: skip


def invoice() -> dict:
    """The document: lines of 1.00 at 20 % tax."""
    net, tax = Decimal(LINES), Decimal(LINES) / 5
    head = {
        "invoice_id": "2026-01-A-EUR", "document_type": "invoice", "month": "2026-01", "billing_cycle": "first",
        "period_start": date(2026, 1, 1), "period_end": date(2026, 2, 1), "issue_date": date(2026, 2, 1),
        "due_date": date(2026, 3, 3), "currency": "EUR", "net_amount": net, "tax_amount": tax, "gross_amount": net + tax,
    }  # fmt: skip
    line = {
        "item_type": "usage", "label": "Calls", "component": None, "subscription_id": "S", "product_id": "CALLS", "zone_id": "FR",
        "service_start": date(2026, 1, 1), "service_end": date(2026, 2, 1), "events": EVENTS // LINES, "unit": "s",
        "billed_quantity": Decimal(700), "unit_price": None, "price_per": None, "tax_code": "STANDARD", "tax_category": "S", "tax_included": False,
        "tax_rate": Decimal(20), "net_amount": Decimal(1), "price_amount": Decimal(1),
    }  # fmt: skip
    taxed = {
        "item_id": "T", "label": "VAT", "tax_category": "S", "country": "FR", "rate": Decimal(20), "base_amount": net,
        "amount": tax, "exemption_reason_code": None, "exemption_reason": None,
    }  # fmt: skip
    event = {
        "events_in_all": EVENTS, "local_at": datetime(2026, 1, 10, 12), "destination": "33123456789", "zone_id": "FR",
        "billed_quantity": Decimal(140), "unit": "s", "amount": Decimal("0.2"),
    }  # fmt: skip
    numbers = range(1, LINES + 1)
    return invoice_document(
        Parts(
            invoice=head,
            digits=2,
            seller=PARTY,
            buyer=PARTY,
            seller_contact=None,
            lines=[line | {"line_number": n, "invoice_line_id": str(n)} for n in numbers],
            taxes=[taxed],
            usage=[event | {"place": n, "invoice_line_id": str(1 + n % LINES)} for n in range(EVENTS)],
            history=[head | {"month": f"2025-{month:02}"} for month in range(8, 13)] + [head],
        )
    )


def per_second(form: str, documents: list[dict], folder: Path) -> float:
    """Files of one format that a core makes in a second, once everything is loaded."""
    content = json.dumps(documents).encode()
    write_documents(json.dumps(documents[:1]).encode(), folder, [form])
    cpu = time.process_time()
    rows = write_documents(content, folder, [form])
    taken = time.process_time() - cpu
    failed = [row["failure_detail"] for row in rows if row["state"] != "written"]
    if failed:
        raise SystemExit(f"{form}: {failed[0]}")
    return len(documents) / taken


def main():
    parser = argparse.ArgumentParser(description="Measure documents per second and core, and print them as JSON.")
    parser.add_argument("--documents", type=int, default=20, help="documents of each format (default 20)")
    documents = []
    for number in range(parser.parse_args().documents):
        documents.append(invoice())
        documents[-1]["document"]["number"] += f"-{number}"
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps({form: round(per_second(form, documents, Path(folder)), 1) for form in FORMS}))


if __name__ == "__main__":
    main()
