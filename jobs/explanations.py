"""Which explanation a name asks for: an item, a quote, an invoice, one that waits, or all about a reference."""

from collections.abc import Iterator

from jobs.explain import Explanation, is_invoice
from jobs.explain_item import explain_item, is_item
from jobs.explain_posted import as_posted
from jobs.explain_quote import explain_quote, is_quote
from jobs.explain_reference import explain_reference
from jobs.explain_waiting import explain_waiting, is_waiting
from resources.lake import Lake


def explanation(lake: Lake, what: str, line: int | None) -> Iterator[str]:
    """The lines of text that explain what a name, or a line of the invoice of that name, stands for."""
    posted = as_posted(lake, what)
    if posted is None:
        yield from _of_draft(lake, what, line)
    else:
        yield posted.words
        yield from _of_draft(posted.draft, posted.name, line)


def _of_draft(lake: Lake, what: str, line: int | None) -> Iterator[str]:
    if line is not None and not is_item(what):
        return Explanation(lake, what).line(line)
    if is_item(what):
        return explain_item(lake, what)
    if is_quote(lake, what):
        return explain_quote(lake, what)
    if is_invoice(lake, what):
        return Explanation(lake, what).invoice()
    if is_waiting(lake, what):
        return explain_waiting(lake, what)
    return explain_reference(lake, what)
