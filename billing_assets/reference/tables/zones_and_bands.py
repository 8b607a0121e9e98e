"""Where an event goes, and at which time of which day it happens."""

from billing_assets.contract import Table, day, integer, text
from billing_assets.reference.tables.form import GROUP, reference

ZONE_PREFIXES = reference(
    "zone_prefixes",
    "one row per zone set and prefix",
    "Dial prefixes (or any leading characters) and their zones; the longest that fits wins.",
    text("zone_set", "Set of prefixes", key=True),
    text("prefix", "Leading characters of the destination", key=True),
    text("zone_id", "Zone"),
    required=False,
)

ZONES = reference(
    "zones",
    "one row per zone that has a name",
    "What invoices call zones; one without a name is printed as it is.",
    text("zone_id", "Zone", key=True),
    text("name", "Name as printed on the invoice"),
    required=False,
)

TIME_BANDS = reference(
    "time_bands",
    "one row per time band set, band, weekdays and start",
    "Parts of the week in local time. A moment that no band covers is in none.",
    text("time_band_set", "Set of bands", key=True),
    text("time_band_id", "Band", key=True),
    text("weekdays", "Days it applies on, 1 Monday to 7 Sunday, then H for holidays: `1-5`, `1,3,6-7` or `6-7,H`",
         key=True, default="1-7"),
    text("start_time", "Local time HH:MM at which it begins", key=True),
    text("end_time", "Local time HH:MM (to 24:00) before which it ends; earlier than the start: next day"),
    integer("weight", "Where rows of a set overlap, the heaviest counts", default="0"),
    text("holiday_country", "Country, or subdivision as in DE-BY, whose holidays H means; the account's when empty",
         nullable=True),
    required=False,
)  # fmt: skip

COMPANY_HOLIDAYS = reference(
    "company_holidays",
    "one row per country and day",
    "Holidays of the company's own, beside those of the country.",
    text("country", "ISO 3166-1 alpha-2 country, or subdivision as in DE-BY", key=True),
    day("day", "Local day", key=True),
    text("name", "Name"),
    required=False,
)

HOLIDAYS = Table(
    "holidays",
    GROUP,
    "one row per country and day",
    "Holidays that time bands ask for: public holidays, and the company's own.",
    (
        text("country", "Country, or subdivision as in DE-BY", key=True),
        day("day", "Local day", key=True),
        text("name", "Name"),
    ),
)
