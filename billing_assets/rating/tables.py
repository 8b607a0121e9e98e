"""Contracts of the rating stage: the price of each event by itself."""

from billing_assets.contract import REJECTION, Partition, Table, day, flag, instant, integer, number, text
from billing_assets.exact import AMOUNT, QUANTITY, UNIT_PRICE
from billing_assets.item import LEGS

GROUP = "rating"
USAGE = "usage"
COMPONENTS = (USAGE, "energy", "time", "parking", "flat", "reservation", "price_limit")

_EVENT_DAY = day("event_day", "UTC day of the billing effective time", key=True)

UNITS_OF_A_PRICE = (
    number("minimum_quantity", QUANTITY, "Units that the rate charges at least; those of a split event are of the rate "
           "of its start", nullable=True),
    number("increment", QUANTITY, "Step in which the rate charges units above that; 0 for the exact quantity",
           nullable=True),
)  # fmt: skip

TIER_OF_A_PRICE = (
    number("tier_above", QUANTITY, "Lower limit of the tier that prices it; empty for the rate's own price",
           nullable=True),
    number("tier_up_to", QUANTITY, "Upper limit of that tier; empty for no limit", nullable=True),
    number("amount_below", AMOUNT, "What the full tiers below came to; empty unless added up tier by tier",
           unit="currency", nullable=True),
    text("tiers_below", "Those full tiers, separated by `|`, each as "
         "`above..up_to:unit_price/price_per+flat_amount=amount`", nullable=True),
    number("flat_amount", AMOUNT, "Charged once for reaching the tier", unit="currency", nullable=True),
)  # fmt: skip

# Attributes of an event that are columns of what it is charged as, because its tax may depend on them.
LOCATIONS = (
    text("caller_location", "Where the caller was, as a tax engine knows places", nullable=True, personal=True),
    text("called_location", "Where the called party was, in the same way", nullable=True, personal=True),
)

RATED_ITEMS = Table(
    "rated_items",
    GROUP,
    "one row per UDR, leg (so per payer), component and split",
    "Rated events, with the plan, rate, tariff, zone, band, increment and price that made each amount.",
    (
        _EVENT_DAY,
        text("udr_id", "The usage detail record", key=True),
        text("leg", "Who bills whom", allowed=LEGS),
        text("component", "Part of the event that is charged", key=True, allowed=COMPONENTS),
        integer("split", "Element of the tariff, or part of an event that was split; 0 for a whole event", key=True),
        text("charge_key", "Hash of everything that prices, taxes or prints it: its row in charge_items"),
        text("rating_type", "Rated by this engine, or by the source", allowed=("post_rated", "pre_rated")),
        instant("billing_effective_at", "Time that decides the billing month, UTC"),
        instant("local_at", "Start of the event (or part), local time of the event or of the account that used it"),
        text("payer_account_id", "Account that pays", key=True),
        text("service_account_id", "Account that used it"),
        text("subscription_id", "Subscription; empty where a reseller pays for usage of its customers", nullable=True),
        text("product_id", "Usage product"),
        text("price_plan_id", "Price plan of the subscription, or wholesale plan", nullable=True),
        text("rate_plan", "Plan that the rate is of: that one, or one it falls back to", nullable=True),
        integer("plan_version", "Version of that plan", nullable=True),
        text("rate_id", "Rate; empty when pre-rated", nullable=True),
        text("rate_model", "Model of the rate (pricing/models.py)", nullable=True),
        text("tariff_id", "Tariff that priced the session", nullable=True),
        text("zone_prefix", "Prefix of the destination that gave the zone", nullable=True),
        text("zone_id", "Zone of the destination", nullable=True),
        text("time_band_id", "Band of the local time", nullable=True),
        text("lookups", "Attributes that lookups gave it, with their values", nullable=True),
        number("quantity", QUANTITY, "Units used"),
        number("measured", QUANTITY, "What is priced: the quantity, or a number of the event that the rate names"),
        *UNITS_OF_A_PRICE,
        number("billed_quantity", QUANTITY, "Units charged, after minimum and increment, or step"),
        text("unit", "Unit of what is priced"),
        *TIER_OF_A_PRICE,
        text("packages", "How units are rounded to whole `price_per` of them: up, down, or none", nullable=True),
        number("unit_price", UNIT_PRICE, "Price of `price_per` units, or percent", unit="currency", nullable=True),
        number("price_per", QUANTITY, "Units that the price is for", nullable=True),
        number("setup_fee", AMOUNT, "Charged once for the event", unit="currency"),
        number(
            "unit_amount", AMOUNT, "What the model makes of the units, before setup fee and limits", unit="currency"
        ),
        text(
            "limit_applied",
            "Amount of the rate that was charged instead",
            nullable=True,
            allowed=("minimum", "maximum"),
        ),
        number("step", QUANTITY, "Step of the tariff that the component was rounded up to; 0 for none", nullable=True),
        number("price_limit", AMOUNT, "Minimum or maximum of the tariff that the session was brought to",
               unit="currency", nullable=True),
        text("tax_code", "Tax code of the tariff's component; that of the product when empty", nullable=True),
        *LOCATIONS,
        flag("tax_included", "Whether the price, and so the amount, includes tax"),
        number("amount", AMOUNT, "Amount of the event, or of this part of it", unit="currency"),
        text("currency", "ISO 4217 currency"),
    ),
    Partition.EVENT_DAY,
)  # fmt: skip

MEASURED_USAGE = Table(
    "measured_usage",
    GROUP,
    "one row per UDR and leg (so per payer) whose rate prices the total of a month",
    "What each event adds to a charge of the month (usage_charges).",
    (
        _EVENT_DAY,
        text("udr_id", "The usage detail record", key=True),
        instant("billing_effective_at", "Time that decides the billing month, UTC"),
        instant("local_at", "Start of the event, local time of the event or of the account that used it"),
        text("leg", "Who bills whom", allowed=LEGS),
        text("payer_account_id", "Account that pays", key=True),
        text("service_account_id", "Account that used it"),
        text("subscription_id", "Subscription; empty where a reseller pays for usage of its customers", nullable=True),
        text("product_id", "Usage product"),
        text("price_plan_id", "Price plan of the subscription, or wholesale plan"),
        text("rate_plan", "Plan that the rate is of: that one, or one it falls back to"),
        integer("plan_version", "Version of that plan"),
        text("rate_id", "Rate that prices the month"),
        text("zone_prefix", "Prefix of the destination that gave the zone", nullable=True),
        text("zone_id", "Zone of the destination", nullable=True),
        text("time_band_id", "Band of the local time", nullable=True),
        text("lookups", "Attributes that lookups gave it, with their values", nullable=True),
        text("group_value", "Attributes that the rate groups by, with their values", nullable=True),
        number("measured", QUANTITY, "The number that is aggregated", nullable=True),
        text("counted_value", "The value that is counted once", nullable=True),
        text("unit", "Unit of the UDR type"),
        text("currency", "ISO 4217 currency"),
    ),
    Partition.EVENT_DAY,
)

UNRATED_UDRS = Table(
    "unrated_udrs",
    GROUP,
    "one row per UDR and leg (so per payer) that no rate fits",
    "Usage without a price, each with its reason: not billed until a rate fits.",
    (
        _EVENT_DAY,
        text("udr_id", "The usage detail record", key=True),
        text("leg", "Who would bill whom", allowed=LEGS),
        text("payer_account_id", "Account that would pay", key=True),
        *REJECTION,
    ),
    Partition.EVENT_DAY,
)

USED_RATES = Table(
    "used_rates",
    GROUP,
    "one row per event day and rate that priced its usage",
    "What each rate said when it priced the day: a check tells when it says something else today.",
    (
        _EVENT_DAY,
        text("rate_id", "Rate", key=True),
        text("rate_plan", "Plan that it is of"),
        integer("items", "Rated items, and events of totals of the month"),
        text("content", "Digest of the rate, its tiers, conditions and tariff, without its validity"),
    ),
    Partition.EVENT_DAY,
)

RATED_DAYS = Table(
    "rated_days",
    GROUP,
    "one row per event day",
    "What an event day was made of, written last: when it would be made of something else today, or a run did not "
    "get that far, the planner has the day made again.",
    (
        _EVENT_DAY,
        text("fingerprint", "Digest of the day's arrivals, services, rates and rules"),
    ),
    Partition.EVENT_DAY,
)
