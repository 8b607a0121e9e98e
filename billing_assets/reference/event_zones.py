"""The time zone of an event, where its UDR type has an attribute that names it: of the site, of the caller.

It goes before that of the account that used the service, for all that goes by local time.
"""

from collections.abc import Sequence
from zoneinfo import available_timezones

import ibis
import ibis.expr.types as ir

from billing_assets.reference.tables import TIME_ZONE


def with_event_zone(events: ir.Table, attributes: Sequence[dict]) -> ir.Table:
    """Events with their event_zone, NULL where they name none; as they are where no UDR type has such an attribute.

    `attributes` are the rows of udr_type_attributes.
    """
    named = [
        (events.udr_type == row["udr_type"], events.attributes.get(row["attribute"]))
        for row in attributes
        if row["attribute_type"] == TIME_ZONE
    ]
    return events.mutate(event_zone=ibis.cases(*named, else_=ibis.null("string"))) if named else events


def zone(events: ir.Table, of_account: str) -> ir.StringValue:
    """The time zone of events that with_event_zone has seen, and have that of their account in a column."""
    if "event_zone" not in events.columns:
        return events[of_account]
    return ibis.coalesce(events.event_zone, events[of_account])


def known_zones() -> list[str]:
    """The names that an event may have for its time zone."""
    return sorted(available_timezones())
