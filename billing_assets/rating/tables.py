"""Contracts of the rating stage: the price of each event by itself."""

from billing_assets.contract import REJECTION, Partition, Table, day, flag, instant, number, text
from billing_assets.exact import AMOUNT, QUANTITY, UNIT_PRICE
from billing_assets.item import VENDOR_TO_CUSTOMER

GROUP = "rating"

_EVENT_DAY = day("event_day", "UTC day of the billing effective time", key=True)

RATED_ITEMS = Table(
    "rated_items",
    GROUP,
    "one row per UDR, leg and component",
    "Rated events, with the plan, rate, zone, band, increment and price that made each amount.",
    (
        _EVENT_DAY,
        text("udr_id", "The usage detail record", key=True),
        text("leg", "Who bills whom", key=True, allowed=(VENDOR_TO_CUSTOMER,)),
        text("component", "Part of the event that is charged", key=True, allowed=("usage",)),
        text("charge_key", "Hash of everything that prices, taxes or prints it: its row in charge_items"),
        text("rating_type", "Rated by this engine, or by the source", allowed=("post_rated", "pre_rated")),
        instant("billing_effective_at", "Time that decides the billing month, UTC"),
        instant("local_at", "Start of the event, local time of the account that used it"),
        text("payer_account_id", "Account that pays"),
        text("service_account_id", "Account that used it"),
        text("subscription_id", "Subscription"),
        text("product_id", "Usage product"),
        text("price_plan_id", "Price plan", nullable=True),
        text("rate_id", "Rate; empty when pre-rated", nullable=True),
        text("zone_prefix", "Prefix of the destination that gave the zone", nullable=True),
        text("zone_id", "Zone of the destination", nullable=True),
        text("time_band_id", "Band of the local time", nullable=True),
        number("quantity", QUANTITY, "Units used"),
        number("billed_quantity", QUANTITY, "Units charged, after minimum and increment"),
        text("unit", "Unit of the quantities"),
        number("unit_price", UNIT_PRICE, "Price of `price_per` units", unit="currency", nullable=True),
        number("price_per", QUANTITY, "Units that the price is for", nullable=True),
        number("setup_fee", AMOUNT, "Charged once for the event", unit="currency"),
        number("unit_amount", AMOUNT, "billed_quantity times unit_price over price_per", unit="currency"),
        flag("minimum_applied", "Whether the minimum amount of the rate was charged instead"),
        number("amount", AMOUNT, "Amount of the event before tax", unit="currency"),
        text("currency", "ISO 4217 currency"),
    ),
    Partition.EVENT_DAY,
)

UNRATED_UDRS = Table(
    "unrated_udrs",
    GROUP,
    "one row per UDR that no rate fits",
    "Usage without a price, each with its reason: not billed until a rate fits.",
    (
        _EVENT_DAY,
        text("udr_id", "The usage detail record", key=True),
        *REJECTION,
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
