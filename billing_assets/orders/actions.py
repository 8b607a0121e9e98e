"""Actions on ordered lines: which line one is about, from when it counts, and whether it can be done then."""

from collections.abc import Callable

import ibis
import ibis.expr.types as ir

from billing_assets.contract import FOREVER
from billing_assets.orders.history import FREQUENCY, LINE, before, carried, in_order, with_frequency
from billing_assets.orders.periods import next_begin, with_payer, with_periods
from billing_assets.orders.schemes import frequency_of, scheme_of_subscription, with_scheme_frequency
from billing_assets.orders.tables import NEW
from billing_assets.orders.versions import LINE_KEY
from billing_assets.records import first_reason

_STAYS = (
    "account_id", "subscription_id", "subscription_type", "price_type", "billing_term_scheme_id", "currency",
    "ready_date", "asset_id", "opportunity_id", "fulfilled_quantity",
)  # fmt: skip
_GIVEN = (
    *LINE_KEY, "ordered_on", "start_date", "offer_id", "product_id", "price_plan_id", "billing_rule",
    *FREQUENCY, "billing_day", "quantity", "unit_price", "requester_id", "end_date", "service_identifier",
    "contract_id", "customer_reference", "source_file", "source_line",
)  # fmt: skip
_ENDS = "cancel"
_ADDS = "fulfil"


def judge_actions(
    actions: ir.Table, ordered: ir.Table, accounts: ir.Table, billing_cycles: ir.Table, schemes: ir.Table,
    cache: Callable[[ir.Table], ir.Table],
) -> tuple[ir.Table, ir.Table]:  # fmt: skip
    """The history of the lines that something was done to, and the actions that cannot be done.

    `ordered` as of versions.as_ordered. The history has the line as it was ordered and what was done to it, each
    with `place`, `is_gap` (whether nothing is billed from then on, until another row says so), and
    `scheme_price_period`.

    Reasons: UNKNOWN_LINE_TO_AMEND, AMENDS_CANCELLED_LINE, AMENDS_ENDED_LINE, ACTION_OUT_OF_ORDER,
    END_BEFORE_START, SWAP_WITHOUT_PRODUCT.
    """
    of_line = ordered.select(LINE, *_STAYS, line_start="start_date", scheme=scheme_of_subscription(ordered))
    terms = schemes.select(termed="billing_term_scheme_id", scheme_price_period="price_period")
    of_line = of_line.left_join(terms, of_line.scheme == terms.termed).drop("termed")
    meant = _meant(actions, ordered)
    found = actions.left_join(meant, [actions[c] == meant[f"meant_{c}"] for c in LINE_KEY])
    unknown = first_reason(
        found,
        (found.meant_line.isnull() & found.amends_line_id.isnull(), "UNKNOWN_LINE_TO_AMEND", "asset_id",
         found["asset_id"]),
        (found.meant_line.isnull(), "UNKNOWN_LINE_TO_AMEND", "amends_line_id", found.amends_line_id),
    )  # fmt: skip
    done = unknown.filter(unknown.reason.isnull())
    steps = done.select(*_GIVEN, "action", "effective", ordered_line_id="meant_line")
    first = ordered.semi_join(steps, LINE)
    first = first.drop("quantity").rename(quantity="ordered_quantity")
    first = first.select(*_GIVEN, action=ibis.literal(NEW), effective=ibis.literal("immediately"), ordered_line_id=LINE)
    rows = first.union(steps).join(of_line, LINE)
    rows = rows.mutate(requested_on=rows.start_date, start_date=ibis.greatest(rows.start_date, rows.line_start))
    placed = cache(in_order(_at_period_end(in_order(rows), accounts, billing_cycles, schemes)))
    lasting = _judged_by_life(placed)
    paused = _judged_by_pauses(lasting.filter(lasting.reason.isnull()).drop("reason", "detail"))
    refused = ibis.union(*(
        t.filter(t.reason.notnull()).select(*LINE_KEY, "reason", "detail", "source_file", "source_line")
        for t in (unknown, lasting, paused)
    ), distinct=True)  # fmt: skip
    return in_order(paused.filter(paused.reason.isnull())), refused


def _meant(actions: ir.Table, ordered: ir.Table) -> ir.Table:
    """The keys of actions, each with the line or lines that it is about."""
    names = {f"meant_{c}": c for c in LINE_KEY}
    lines = ordered.select(
        meant_line=LINE, in_source="source", in_order="source_order_id", as_line="source_line_id",
        line_type="price_type", of_asset="asset_id", begun="start_date",
    )  # fmt: skip
    by_line = actions.filter(actions.amends_line_id.notnull()).join(
        lines,
        [
            actions.source == lines.in_source,
            actions.amends_order_id == lines.in_order,
            actions.amends_line_id == lines.as_line,
        ],
    )
    assets = lines.filter(lines.of_asset.notnull())
    others = actions.filter(actions.amends_line_id.isnull())
    by_asset = others.join(assets, others["asset_id"] == assets.of_asset)
    wanted = (by_asset.price_type == by_asset.line_type) | (
        by_asset.price_type.isnull() & (by_asset.line_type != "one_time")
    )
    by_asset = by_asset.filter(wanted)
    away = by_asset.begun.delta(by_asset.start_date, unit="day").abs()
    nearest = ibis.window(
        group_by=[*(by_asset[c] for c in LINE_KEY), by_asset.line_type],
        order_by=[by_asset.begun > by_asset.start_date, away, by_asset.meant_line],
    )
    by_asset = by_asset.mutate(distance=ibis.row_number().over(nearest))
    return ibis.union(
        by_line.select(**names, meant_line="meant_line"),
        by_asset.filter(by_asset.distance == 0).select(**names, meant_line="meant_line"),
    )


def _at_period_end(rows: ir.Table, accounts: ir.Table, billing_cycles: ir.Table, schemes: ir.Table) -> ir.Table:
    """Move what counts from the next period to its first day: a period of the terms in force until then.

    Usage has the billing months of its payer.
    """
    termed = with_frequency(rows)
    was = termed.mutate(**{c: before(termed, c) for c in (*FREQUENCY, "billing_day", "aligned_from")})
    asking = was.filter(was.effective == "period_end").select(
        LINE, "place", "account_id", *FREQUENCY, "billing_day", "aligned_from", "price_type", "start_date",
        billing_term_scheme_id="scheme",
    )  # fmt: skip
    found = with_scheme_frequency(asking, schemes)
    is_fee = found.price_type == "recurring"
    terms = frequency_of(found)
    found = found.mutate(
        frequency_count=terms["frequency_count"],
        frequency_unit=terms["frequency_unit"],
        billing_term_scheme_id=ibis.ifelse(is_fee, found.billing_term_scheme_id, ibis.null("string")),
        billing_day=ibis.ifelse(is_fee, found.billing_day, ibis.null("int64")),
        billing_frequency=ibis.cases(
            (found.price_type == "one_time", ibis.literal("one_time")),
            (is_fee, terms["billing_frequency"]),
            else_=ibis.literal("monthly"),
        ),
    )
    periods = with_periods(with_payer(found, accounts, billing_cycles), schemes)
    begins = periods.select(later_line=LINE, later_place="place", begins_on=next_begin(periods, periods.start_date))
    joined = rows.left_join(begins, [rows[LINE] == begins.later_line, rows.place == begins.later_place])
    moved = joined.mutate(start_date=ibis.coalesce(joined.begins_on, joined.start_date))
    return moved.drop("later_line", "later_place", "begins_on", "place")


def _judged_by_life(rows: ir.Table) -> ir.Table:
    """Whether the line lives when something is done to it: not cancelled, not at its end, not charged already."""
    forever = ibis.date(FOREVER)
    begins = rows.action.isin((NEW, "renew"))
    known = carried(
        rows,
        is_cancelled=(rows.action == _ENDS, rows.action.isin((NEW, _ENDS, "reinstate"))),
        life_end=(ibis.coalesce(rows.end_date, forever), begins | (rows.end_date > rows.start_date).fill_null(False)),
    )
    known = known.mutate(was_cancelled=before(known, "is_cancelled"), was_end=before(known, "life_end"))
    action, start = known.action, known.start_date
    charged = (known.price_type == "one_time") & (action != _ADDS) & (start > known.line_start)
    all_fulfilled = (action == _ADDS) & known.fulfilled_quantity.isnull()
    return first_reason(
        known,
        (known.was_cancelled & (action != "reinstate"), "AMENDS_CANCELLED_LINE", LINE, known[LINE]),
        (~known.was_cancelled & (action == "reinstate"), "ACTION_OUT_OF_ORDER", "action", action),
        (charged | all_fulfilled, "ACTION_OUT_OF_ORDER", "action", action),
        ((start >= known.was_end) & ~action.isin(("renew", "reinstate")), "AMENDS_ENDED_LINE", LINE, known[LINE]),
        ((action != NEW) & (known.end_date <= start), "END_BEFORE_START", "end_date", known.end_date),
        ((action == "swap") & known.product_id.isnull(), "SWAP_WITHOUT_PRODUCT", "product_id", None),
    )


def _judged_by_pauses(rows: ir.Table) -> ir.Table:
    states = (NEW, "pause", "resume", _ENDS, "reinstate")
    known = carried(rows, is_paused=(rows.action == "pause", rows.action.isin(states)))
    known = known.mutate(was_paused=before(known, "is_paused"), is_gap=known.is_paused | known.is_cancelled)
    wrong = ((known.action == "pause") & known.was_paused) | ((known.action == "resume") & ~known.was_paused)
    return first_reason(known, (wrong, "ACTION_OUT_OF_ORDER", "action", known.action))
