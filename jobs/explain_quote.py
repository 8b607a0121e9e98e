"""Why does this quote come to that? From its totals to its lines, and to what each stretch of the term costs."""

from collections.abc import Iterator

from billing_assets.contract import Table
from billing_assets.quotes.tables import (
    QUOTE_FEES,
    QUOTE_LINES,
    QUOTE_PRICES,
    QUOTE_TOTALS,
    QUOTE_USAGE_PRICES,
    QUOTES,
)
from jobs.arithmetic import plain
from jobs.fee_words import PHASES
from resources.lake import Lake


def is_quote(lake: Lake, name: str) -> bool:
    return bool(_of(lake, QUOTES, name))


def explain_quote(lake: Lake, quote_id: str) -> Iterator[str]:
    """The lines of text that explain all versions of a quote."""
    for quote in sorted(_of(lake, QUOTES, quote_id), key=lambda row: row["version"]):
        yield (
            f"quote {quote_id}, version {quote['version']}, {quote['state'].replace('_', ' ')}: for "
            f"{quote['account_id']}, {quote['start_date']} to {quote['term_end']} (exclusive); "
            f"{quote['source_file']}:{quote['source_line']}"
        )
        lines = [row for row in _of(lake, QUOTE_PRICES, quote_id) if row["version"] == quote["version"]]
        for line in sorted(lines, key=lambda row: row["line_id"]):
            yield from _line(lake, line)
        for total in _of(lake, QUOTE_TOTALS, quote_id):
            if total["version"] == quote["version"]:
                basis = ", tax included" if total["tax_included"] else ""
                yield f"  {total['total_amount']:f} {total['currency']} together{basis}"


def _line(lake: Lake, line: dict) -> Iterator[str]:
    (given,) = _of_line(lake, QUOTE_LINES, line)
    place = f"{given['source_file']}:{given['source_line']}"
    yield f"  line {line['line_id']}: {line['total_amount']:f} {line['currency']}, {line['product_id']}; {place}"
    if line["price_type"] != "usage":
        yield f"    {_price(line)}"
    for fee in sorted(_of_line(lake, QUOTE_FEES, line), key=lambda row: row["period_start"]):
        days = "" if fee["billed_days"] == fee["full_days"] else f" * {fee['billed_days']} / {fee['full_days']} days"
        phase = PHASES.get(fee["phase"], "")
        price = f"{plain(fee['full_price'])}{phase}{days}"
        yield f"    {fee['fee_amount']:f}  {fee['period_start']} to {fee['period_end']}: {price}"
    for used in _of_line(lake, QUOTE_USAGE_PRICES, line):
        month = f"{used['events']} events, together {plain(used['quantity'])}, at rate {used['rate_id']}"
        yield f"    {used['amount']:f}  {used['months']} months of {plain(used['month_amount'])}: {month}"


def _price(line: dict) -> str:
    """What a full period costs, or what is charged once."""
    if line["unit_price"] is None:
        return f"{plain(line['net_price'])} for {plain(line['quantity'])} in tiers"
    words = f"{plain(line['quantity'])} * {plain(line['unit_price'])} = {plain(line['net_price'])}"
    if not line["discount_percent"]:
        return words
    return f"{words}, {plain(line['discount_percent'])} % below the list price of {plain(line['list_price'])}"


def _of(lake: Lake, table: Table, quote_id: str) -> list[dict]:
    rows = lake.read(table)
    return lake.engine.execute(rows.filter(rows.quote_id == quote_id)).to_pylist()


def _of_line(lake: Lake, table: Table, line: dict) -> list[dict]:
    same = ("version", "line_id")
    return [row for row in _of(lake, table, line["quote_id"]) if all(row[c] == line[c] for c in same)]
