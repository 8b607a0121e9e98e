"""From when to when a version is billed, and what became of the versions of a line."""

import ibis
import ibis.expr.types as ir

from billing_assets.contract import FOREVER
from billing_assets.orders.history import LINE
from billing_assets.orders.tables import ORDER_LINE_VERSIONS
from billing_assets.orders.versions import LINE_KEY
from billing_assets.records import first_reason


def with_lives(judged: ir.Table, history: ir.Table) -> ir.Table:
    """Judged lines; the versions of those with a history until the next begins, without those that bill nothing.

    What follows a refused version is refused with it: what it would change is not there. `replaced_as` says what
    became of the rest of a version that the next one cut short: another in its place (superseded), or none (cancelled).
    Reasons: AMENDS_REFUSED_LINE.
    """
    acted = judged.semi_join(history, LINE)
    return judged.anti_join(history, LINE).union(_until_the_next(acted).select(judged.columns))


def _until_the_next(judged: ir.Table) -> ir.Table:
    earlier = ibis.window(group_by=judged[LINE], order_by=judged.version, preceding=(None, 1))
    follows = judged.reason.notnull().cast("int64").sum().over(earlier).fill_null(0) > 0
    known = judged.mutate(follows=follows)
    known = first_reason(
        known,
        (known.follows, "AMENDS_REFUSED_LINE", LINE, known[LINE]),
        (known.reason.notnull(), None, None, None),
    )
    later = ibis.window(group_by=known[LINE], order_by=known.version, following=(1, None))
    is_charge = (known.price_type == "one_time") & (known.action == "fulfil")
    replaces = ibis.ifelse(known.reason.isnull() & ~is_charge, known.start_date, ibis.null("date"))
    known = known.mutate(replaced_on=replaces)
    in_turn = ibis.window(group_by=known[LINE], order_by=known.version)
    known = known.mutate(next_start=known.replaced_on.min().over(later), next_is_gap=known.is_gap.lead().over(in_turn))
    cut = known.next_start < ibis.coalesce(known.end_date, ibis.date(FOREVER))
    rest = ibis.ifelse(known.next_is_gap, ibis.literal("cancelled"), ibis.literal("superseded"))
    ended = known.mutate(
        end_date=ibis.ifelse(cut, known.next_start, known.end_date),
        replaced_as=ibis.ifelse(cut, rest, ibis.null("string")),
    )
    lives = ended.end_date.isnull() | (ended.end_date > ended.start_date)
    return ended.filter(ended.reason.notnull() | (lives & ~ended.is_gap))


def line_versions(ordered: ir.Table, history: ir.Table, lines: ir.Table, refused: ir.Table) -> ir.Table:
    """The versions of lines with a history, without refused ones: what is billed, and what took its place."""
    versions = ordered.semi_join(history, LINE)
    billed = lines.select(billed_line="order_line_id")
    bad = refused.select(**{f"bad_{c}": c for c in LINE_KEY}).distinct()
    found = versions.left_join(billed, versions.order_line_id == billed.billed_line)
    found = found.left_join(bad, [found[c] == bad[f"bad_{c}"] for c in LINE_KEY])
    known = found.mutate(is_billed=found.billed_line.notnull())
    known = known.filter(known.is_billed | known.bad_source.isnull())
    after = ibis.window(group_by=known[LINE], order_by=known.version)
    followed = known.mutate(
        next_version=known.order_line_id.lead().over(after), next_action=known.action.lead().over(after)
    )
    is_charge = (followed.price_type == "one_time") & (followed.next_action == "fulfil")
    replaced = ibis.ifelse(is_charge, ibis.null("string"), followed.next_version)
    return ORDER_LINE_VERSIONS.shape(followed.mutate(superseded_by=replaced))
