"""What makes definitions to buy in advance unusable: two that are active at once, or durations."""

from collections.abc import Iterator

import ibis
import ibis.expr.types as ir

from billing_assets.reference.broken import Rule, broken, outside, sentence, told, unknown, validity

_MOST_MONTHS = 120


def buy_in_advance_rules(t: dict[str, ir.Table]) -> Iterator[Rule]:
    definitions, durations = t["buy_in_advance_definitions"], t["buy_in_advance_durations"]
    everything = definitions.mutate(active=ibis.literal("definition"))
    yield from validity(everything, "active")
    yield unknown(durations, "buy_in_advance_definition_id", definitions)
    yield outside(durations, "months_from", 1, _MOST_MONTHS)
    yield outside(durations, "months_to", 1, _MOST_MONTHS)
    yield broken(durations, durations.months_to < durations.months_from, "months_to", "is below months_from")
    yield outside(durations, "discount_percent", 0, 100)
    both = durations.discount_percent.notnull() & durations.free_months.notnull()
    yield broken(durations, both, "discount_percent", "does not go with free_months")
    free = (durations.free_months < 1) | (durations.free_months > durations.months_from)
    yield broken(durations, free, "free_months", "is not between 1 and months_from")
    yield _overlapping(durations)


def _overlapping(durations: ir.Table) -> Rule:
    """Durations of one definition that overlap though one subscription type has both."""
    split = durations.mutate(types=durations.subscription_types.split("|"))
    other = split.view()
    pairs = split.join(
        other,
        [
            split.buy_in_advance_definition_id == other.buy_in_advance_definition_id,
            split.source_line > other.source_line,
            split.months_from <= other.months_to,
            other.months_from <= split.months_to,
        ],
        rname="other_{name}",
    )
    shared = pairs.types.intersect(pairs.other_types).length() > 0
    same = pairs.filter(pairs.types.isnull() | pairs.other_types.isnull() | shared)
    return told(
        same, sentence("duration", same.duration_id, "overlaps", same.other_duration_id, "for a type of subscription")
    )
