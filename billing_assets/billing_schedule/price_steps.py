"""Steps of a recurring price: the days from which it is another one, by a new rate of its plan or by an index.

A step has billing_header_id, step_from, phase (why), rate_id and net_price. A price either follows its plan, or is
fixed; an index moves the fixed ones.
"""

import ibis
import ibis.expr.types as ir

from billing_assets.exact import QUANTITY, exact_share, integer
from billing_assets.months import day_in_month, month_number
from billing_assets.pricing.ordered import priced_order
from billing_assets.pricing.price_book import PriceBook
from billing_assets.pricing.rate_card import anywhere, of_plan

_STEP = ("billing_header_id", "step_from", "phase", "rate_id", "net_price")
_YEAR = 12


def new_rates(headers: ir.Table, order_lines: ir.Table, schemes: ir.Table, book: PriceBook) -> ir.Table:
    """Steps of the lines that follow their plan: each later rate in the basis (with tax or before it) of the first."""
    moving = schemes.filter(schemes.plan_prices == "follows")
    following = headers.filter(_priced_by_plan(headers)).semi_join(moving, "billing_term_scheme_id")
    planned = following.join(order_lines.select("order_line_id", "applied_plan"), "order_line_id")
    lines = planned.select(
        "billing_header_id", "applied_plan", "product_id", "quantity", "start_date", "currency",
        header_tax_included="tax_included",
    )  # fmt: skip
    card = anywhere(book.card)
    found = lines.join(
        card,
        [
            *of_plan(lines, card, "applied_plan"),
            lines.currency == card.rate_currency,
            lines.header_tax_included == card.tax_included,
            lines.start_date < card.card_from,
        ],
    )
    made = priced_order(found.mutate(maturity=integer(1).cast(QUANTITY)), book.levels, book.models)
    return made.mutate(step_from="card_from", phase=ibis.literal("new_rate"), net_price="amount").select(_STEP)


def index_steps(headers: ir.Table, schemes: ir.Table, indexes: ir.Table, by_maturity: ir.Table) -> ir.Table:
    """Steps of the lines whose scheme is tied to an index: price times its value over that of the line's first day.

    A value counts from the next anniversary of the line, or from the next first day of the scheme's month. A line that
    begins before the first value has that as its base. `by_maturity` are the rates by the month of life, whose prices
    are not indexed.
    """
    tied = schemes.filter(schemes.price_index_id.notnull())
    terms = tied.select("billing_term_scheme_id", "plan_prices", "price_index_id", "index_month")
    recurring = headers.filter(headers.price_type == "recurring").anti_join(by_maturity, "rate_id")
    lines = recurring.join(terms, "billing_term_scheme_id")
    fixed = lines.filter(~(_priced_by_plan(lines) & (lines.plan_prices == "follows")))
    valued = fixed.join(indexes.select("price_index_id", "published_on", "value"), "price_index_id")
    apart = valued.published_on.delta(valued.start_date, unit="day").abs()
    nearest = [valued.published_on > valued.start_date, apart]
    of_line = ibis.window(group_by=valued.billing_header_id, order_by=nearest)
    based = valued.mutate(base_day=valued.published_on.first().over(of_line), base=valued.value.first().over(of_line))
    later = based.filter(based.published_on > based.base_day)
    dated = later.mutate(step_from=_next_day(later))
    of_step = ibis.window(group_by=[dated.billing_header_id, dated.step_from], order_by=dated.published_on.desc())
    ranked = dated.mutate(place=ibis.row_number().over(of_step))
    latest = ranked.filter(ranked.place == 0)
    return latest.mutate(
        phase=ibis.literal("indexed"),
        rate_id=ibis.null("string"),
        net_price=exact_share(latest.net_price, latest.value, latest.base),
    ).select(_STEP)


def _next_day(rows: ir.Table) -> ir.DateValue:
    """The first day on or after that of the value on which prices follow the index."""
    on_anniversary = rows.index_month.isnull()
    month = ibis.ifelse(on_anniversary, rows.start_date.month().cast("int64"), rows.index_month) - 1
    day = ibis.ifelse(on_anniversary, rows.start_date.day().cast("int64"), integer(1))
    year = month_number(rows.published_on) // _YEAR * _YEAR
    this_year = day_in_month(year + month, day)
    return ibis.ifelse(this_year >= rows.published_on, this_year, day_in_month(year + _YEAR + month, day))


def _priced_by_plan(rows: ir.Table) -> ir.BooleanValue:
    return (rows.price_type == "recurring") & (rows.pricing_source == "price_plan")
