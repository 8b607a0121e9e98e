"""Split order lines: a billing header for each part, and what each part takes of a fee.

Every part works out the whole fee, in its own account's billing months, and takes its share: so the parts need to know
nothing of each other, and add up to the whole.
"""

import ibis
import ibis.expr.types as ir

from billing_assets.billing_schedule.headers import header_of
from billing_assets.contract import ALWAYS, FOREVER
from billing_assets.exact import amount, percentage, whole_coins, zero
from billing_assets.orders.periods import with_payer

LINE = "ordered_line_id"


def split_headers(headers: ir.Table, splits: ir.Table, accounts: ir.Table, billing_cycles: ir.Table) -> ir.Table:
    """Headers; those of split lines once for each part, and once for each stretch of time without a split.

    `splits` as of orders/splits.py. The periods stay those of the line, whoever pays for a part.
    """
    cut = _cut(headers.drop("split_part").join(_stretches(splits), LINE))
    account = ibis.coalesce(cut.part_account, cut.service_account_id)
    terms = cut.mutate(account_id=account).drop("payer_account_id", "billing_cycle", "time_zone")
    placed = with_payer(terms, accounts, billing_cycles)
    return headers.anti_join(splits, LINE).union(placed.select(headers.columns))


def _stretches(splits: ir.Table) -> ir.Table:
    """The parts with their days, and the days that no part is for."""
    always, forever = (ibis.date(day) for day in (ALWAYS, FOREVER))
    parts = splits.select(
        LINE, split_part="part", part_from="valid_from", part_to="valid_to", part_account="bill_to_account_id",
        part_ready="ready_date",
    )  # fmt: skip
    held = parts.select(LINE, "part_from", "part_to").distinct()
    following = held.part_from.lead().over(group_by=held[LINE], order_by=held.part_from)
    after = held.select(LINE, gap_from="part_to", gap_to=ibis.coalesce(following, forever))
    first = held.group_by(LINE).aggregate(gap_to=held.part_from.min()).mutate(gap_from=always)
    gaps = after.union(first.select(after.columns)).filter(ibis._.gap_from < ibis._.gap_to)
    whole = gaps.select(
        LINE, split_part=ibis.null("int64"), part_from="gap_from", part_to="gap_to",
        part_account=ibis.null("string"), part_ready=ibis.null("date"),
    )  # fmt: skip
    return parts.union(whole)


def _cut(found: ir.Table) -> ir.Table:
    """Headers of the part of their life that is in the days of a part; what is charged once has one day."""
    forever = ibis.date(FOREVER)
    once = found.period_unit.isnull()
    end, planned = (ibis.coalesce(found[c], forever) for c in ("end_date", "planned_end_date"))
    stretch = found.mutate(
        begin=ibis.ifelse(once, found.start_date, ibis.greatest(found.start_date, found.part_from)),
        until=ibis.ifelse(once, end, ibis.least(end, found.part_to)),
        planned=ibis.ifelse(once, planned, ibis.least(planned, found.part_to)),
        line_end=end,
        is_once=once,
    )
    billed = ibis.ifelse(
        stretch.is_once,
        (stretch.part_from <= stretch.start_date) & (stretch.start_date < stretch.part_to),
        stretch.begin < stretch.until,
    )
    kept = stretch.filter(billed)
    named = ibis.cases(
        (kept.split_part.notnull(), ibis.literal("#") + kept.split_part.cast("string")),
        (kept.begin > kept.start_date, ibis.literal("#") + kept.begin.cast("string")),
        else_=ibis.literal(""),
    )
    held = kept.part_ready.notnull()
    replaced = kept.is_once | (kept.line_end < kept.part_to)
    return kept.mutate(
        billing_header_id=kept.billing_header_id + named,
        start_date=kept.begin,
        end_date=kept.until.nullif(forever),
        planned_end_date=kept.planned.nullif(forever),
        replaced_as=ibis.ifelse(replaced, kept.replaced_as, ibis.null("string")),
        billing_rule=ibis.ifelse(held, ibis.literal("on_ready_date"), kept.billing_rule),
        ready_date=ibis.coalesce(kept.part_ready, kept.ready_date),
    )


def split_phases(phases: ir.Table, headers: ir.Table) -> ir.Table:
    """The phases of lines as those of the headers that they were split into."""
    parts = headers.select(part_header="billing_header_id", whole=header_of(headers.order_line_id))
    found = phases.join(parts, phases.billing_header_id == parts.whole)
    return found.mutate(billing_header_id=found.part_header).select(phases.columns)


def shared(details: ir.Table, splits: ir.Table) -> ir.Table:
    """Details of whole fees, with the share of their part; `undivided_amount` is the whole."""
    terms = splits.select(
        "percent", "percent_before", "amount_before", split_line=LINE, known_part="part", fixed="amount"
    )
    found = details.join(terms, [details[LINE] == terms.split_line, details.split_part == terms.known_part])
    whole = amount(found.fee_amount.abs())
    placed = found.mutate(whole=whole)
    so_far = ibis.cumulative_window(group_by=placed.billing_schedule_record_id, order_by=placed.period_start)
    placed = placed.mutate(upto=amount(placed.whole.sum().over(so_far)))
    share = ibis.ifelse(placed.percent.notnull(), _by_percent(placed), _by_amount(placed))
    divided = placed.mutate(
        undivided_amount=placed.fee_amount, fee_amount=ibis.ifelse(placed.fee_amount < 0, amount(-share), share)
    )
    return details.filter(details.split_part.isnull()).union(divided.select(details.columns))


def _by_percent(rows: ir.Table) -> ir.DecimalValue:
    """The whole coins up to the end of the part less those up to its begin, so that parts add up.

    Counted from the other end, the first part has what is left of a coin.
    """
    hundred = ibis.literal(100).cast(rows.percent.type())
    first = rows.residual == "first"
    end = (rows.percent_before + rows.percent).cast(rows.percent.type())
    inner = ibis.ifelse(first, (hundred - end).cast(rows.percent.type()), rows.percent_before)
    outer = ibis.ifelse(first, (hundred - rows.percent_before).cast(rows.percent.type()), end)
    return amount(_coins_upto(rows, outer) - _coins_upto(rows, inner))


def _coins_upto(rows: ir.Table, percent: ir.DecimalValue) -> ir.DecimalValue:
    coins = whole_coins(percentage(rows.whole, percent), rows.digits)
    return ibis.ifelse(percent == 100, rows.whole, coins)


def _by_amount(rows: ir.Table) -> ir.DecimalValue:
    """What of the record lies between the amounts of the parts before and this one's; of the rest, beyond all."""
    until = ibis.ifelse(rows.fixed.isnull(), rows.upto, ibis.least(rows.upto, amount(rows.amount_before + rows.fixed)))
    since = ibis.greatest(amount(rows.upto - rows.whole), rows.amount_before)
    return ibis.greatest(amount(until - since), zero())
