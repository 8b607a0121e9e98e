"""What made the price of an event, in words."""

from jobs.arithmetic import by_own_model, has_own_model, plain


def of_event(event: dict) -> str:
    """What made the amount of a rated item."""
    if event["rating_type"] == "pre_rated":
        return f"{event['local_at']}: pre-rated by its source"
    if event["price_limit"] is not None:
        before = plain(event["price_limit"] - event["amount"])
        return (
            f"{event['local_at']}: the session's {before} brought to the {event['limit_applied']} of "
            f"{plain(event['price_limit'])} (rate {event['rate_id']}, tariff {event['tariff_id']})"
        )
    words = f"{event['local_at']}: "
    if has_own_model(event):
        words += by_own_model(event)
    elif event["tier_above"] is not None:
        words += f"{plain(event['measured'])} {event['unit']} in tiers (event {event['udr_id']})"
    else:
        words += f"{plain(event['measured'])} {event['unit']}"
        if event["billed_quantity"] != event["measured"]:
            words += f", charged as {plain(event['billed_quantity'])}{of_step(event)}"
        words += f" * {plain(event['unit_price'])}"
        if event["price_per"] != 1:
            words += f" / {plain(event['price_per'])}"
    if event["setup_fee"]:
        words += f" + {plain(event['setup_fee'])} setup"
    if event["limit_applied"]:
        words += f", {event['limit_applied']} applied"
    zone = f", zone {event['zone_id']} by prefix {event['zone_prefix']}" if event["zone_id"] else ""
    band = f", band {event['time_band_id']}" if event["time_band_id"] else ""
    tariff = f", {event['component']} of tariff {event['tariff_id']}" if event["tariff_id"] else ""
    element = f", {'element' if event['tariff_id'] else 'part'} {event['split']}" if event["split"] else ""
    return f"{words} (rate {event['rate_id']}{zone}{band}{tariff}{element})"


def of_step(row: dict) -> str:
    """What rounded up the component of a session that is priced by a tariff."""
    return f" (all of its {row['component']} in steps of {plain(row['step'])})" if row.get("step") else ""
