"""What made a fee, in words: of the schedule, of buying in advance, and of accounts."""

from collections.abc import Iterator

from jobs.arithmetic import plain

PHASES = {"trial": " in the trial", "new_rate": " at a later rate", "indexed": " by the index"}


def of_detail(detail: dict, header: dict, order: dict) -> Iterator[str]:
    """The price of a schedule detail, its part of the period, and the order line that it came from."""
    price = f"{plain(header['quantity'])} * {plain(header['unit_price'])}"
    if header["unit_price"] is None or detail["full_price"] != header["net_price"]:
        price = f"{plain(detail['full_price'])} for {plain(header['quantity'])}{_priced_by(header, detail)}"
    days = ""
    if detail["billed_days"] != detail["full_days"] and header["proration"] != "full":
        days = f" * {detail['billed_days']} / {detail['full_days']} days"
    rate = f", rate {header['rate_id']}" if header["rate_id"] else ""
    if detail["undivided_amount"] is not None:
        yield f"part {header['split_part']}: {plain(detail['fee_amount'])} of {plain(detail['undivided_amount'])}"
    yield (
        f"{price}{days} (price of the {header['pricing_source'].replace('_', ' ')}{rate}); order line "
        f"{order['order_line_id']}, {order['source_file']}:{order['source_line']}"
    )


def of_purchase(bought: dict, request: dict) -> str:
    """What is taken off for buying in advance, and the request for it."""
    share = f"{bought['free_months']} of {bought['months']} months free"
    if bought["free_months"] is None:
        share = f"{plain(bought['discount_percent'])} % off {bought['months']} months"
    return f"{share}: request {bought['request_id']}, {request['source_file']}:{request['source_line']}"


def of_adjustment(adjustment: dict) -> str:
    """What was added to a fee or taken off it, and who asked for that and approved it."""
    share = f" ({plain(adjustment['percent'])} % of the fee)" if adjustment["amount"] is None else ""
    why = f", {adjustment['adjustment_reason']}" if adjustment["adjustment_reason"] else ""
    return (
        f"{plain(adjustment['adjusted_amount'])}{share} for {adjustment['requester_id']}, approved by "
        f"{adjustment['approver_id']}{why}: adjustment {adjustment['adjustment_id']}, {adjustment['source_file']}:"
        f"{adjustment['source_line']}"
    )


def of_late_fee(fee: dict, overdue: dict) -> str:
    """A fee for what is overdue."""
    price = f"{plain(fee['amount'])} for" if fee["percent"] is None else f"{plain(fee['percent'])} % of"
    return (
        f"{price} {plain(overdue['amount'])} overdue on {overdue['overdue_on']} ({overdue['source_file']}:"
        f"{overdue['source_line']}); {fee['source_file']}:{fee['source_line']}"
    )


def of_invoice_fee(fee: dict) -> str:
    """A fee for each invoice."""
    return f"{plain(fee['amount'])} for each invoice; {fee['source_file']}:{fee['source_line']}"


def _priced_by(header: dict, detail: dict) -> str:
    """What made the price of a full period, where that is no quantity times price."""
    if detail["maturity"] is not None:
        return f" in month {plain(detail['maturity'])} of the service"
    if header["phase"]:
        return PHASES[header["phase"]]
    of_price = header["price_period"].replace("_", " ")
    return " in tiers" if of_price == "billing period" else f", at {plain(header['net_price'])} for a {of_price}"
