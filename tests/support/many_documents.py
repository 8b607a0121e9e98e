"""Documents as a month has them, as many as one wants; the seventh cannot be printed as e-invoice."""

import copy
from collections.abc import Iterator, Sequence

from invoiced import document


class Many:
    """What the reader of a month (documents/contents.py) gives of invoices that are alike."""

    def __init__(self, number: int):
        self.month = "2026-01"
        self.invoice_ids = [f"2026-01-{n:05}-EUR" for n in range(number)]
        self._one = document()

    def documents(self, invoice_ids: Sequence[str]) -> Iterator[dict]:
        for invoice_id in invoice_ids:
            made = copy.deepcopy(self._one)
            made["document"]["number"] = invoice_id
            if invoice_id == self.invoice_ids[6]:
                made["buyer"]["endpoint_id"] = None
            yield made
