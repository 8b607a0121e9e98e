"""What bundles and commitments did, in words: which took how much of an event, what was left, what was missing."""

from collections.abc import Iterator

from jobs.arithmetic import plain

_DOES = {
    "included": "covers {}",
    "overage": "{} above what is included, at the rate of the bundle",
    "discount": "reduces {}",
}


def of_event(row: dict) -> str:
    """What a bundle item took of its event."""
    unit = row["unit"]
    part = f"{plain(row['covered_quantity'])} of {plain(row['counted_quantity'])} {unit}"
    before = row["used_before"]
    used = "" if before is None else f", {plain(before)} used before"
    return f"{row['billing_effective_at']} UTC: {_DOES[row['part']].format(part)}{used}"


def in_turn(covered: list[dict]) -> list[dict]:
    """What bundles took of a total (covered_totals), the first one first: it had most of it before it."""
    return sorted(covered, key=lambda row: (-row["counted_quantity"], row["bundle_id"]))


def of_total(row: dict) -> str:
    """What a bundle took of a total of the month (covered_totals)."""
    part = f"{plain(row['covered_quantity'])} of {plain(row['counted_quantity'])} {row['unit']}"
    how = "count in its tiers and are not paid" if row["counts_in_tiers"] else "are taken away before it is priced"
    return f"bundle {row['bundle_id']} covers {part}, {plain(row['used_before'])} used before; they {how}"


def of_counters(counters: list[dict]) -> Iterator[str]:
    """What the owner of a bundle used in the month, and what it had."""
    for row in sorted(counters, key=lambda row: (row["owner_id"], row["granted_month"])):
        came_to = f"{row['owner_id']}: {plain(row['used_quantity'])} {row['unit'] or ''}".rstrip()
        if row["effect"] == "discount":
            yield f"{came_to} in {row['month']}, which is {plain(row['percent'])} % off"
        elif row["included_quantity"] is None:
            yield f"{came_to} in {row['month']}, all included"
        else:
            carried = f", {plain(row['carried_quantity'])} for the next month" if row["carried_quantity"] else ""
            yield (
                f"{came_to} in {row['month']}; of {plain(row['included_quantity'])} of {row['granted_month']} "
                f"{plain(row['remaining_quantity'])} are left{carried}"
            )


def of_commitment(part: str, row: dict, terms: dict) -> str:
    """What made the item of a part of a commitment's counter."""
    price = "" if terms["unit_price"] == 1 else f" * {plain(terms['unit_price'])}"
    period = f"from {row['period_from']} to {row['period_to']} (exclusive)"
    committed = f"{plain(row['committed_quantity'])} {period}"
    came_to = f"{plain(row['counted_before'])} before and {plain(row['counted_quantity'])} in {row['month']}"
    words = {
        "advance": f"committed {period}, charged in advance",
        "missing": f"missing of {committed}: {came_to}",
        "covered": f"of {committed}, charged in advance: {came_to}",
        "above": f"above {committed}: {came_to}; {plain(terms['overage_percent'])} % more",
    }
    return f"{plain(row[part])}{price} {words[part]}"
