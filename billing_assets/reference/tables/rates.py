"""What a quantity costs: rates, their levels and conditions, and the values that conditions look up."""

from billing_assets.contract import VALIDITY, integer, number, text
from billing_assets.exact import AMOUNT, PERCENT, QUANTITY, UNIT_PRICE
from billing_assets.reference.tables.form import reference

PRICED_BY = ("event", "month")
AGGREGATIONS = ("sum", "count", "distinct_count", "maximum", "latest", "weighted_sum", "weighted_days")

RATES = reference(
    "rates",
    "one row per rate",
    "Price of one product in one plan: of usage for a zone and a time band or for all of them, of anything else "
    "for what is ordered.",
    text("rate_id", "Rate", key=True),
    text("price_plan_id", "Price plan"),
    integer("plan_version", "Version of the plan that it belongs to; the date of use picks it", default="1"),
    text("product_id", "Product"),
    text("zone_id", "Zone of the destination; any when empty", nullable=True),
    text("time_band_id", "Band of the local time; any when empty", nullable=True),
    integer("weight", "Of rates that fit equally well the heavier one is taken", default="0"),
    text("priced_by", "Whether each event has its price, or the total of a month", allowed=PRICED_BY, default="event"),
    text(
        "rate_model",
        "flat: the level that the quantity falls in prices all of it; tiered: added up tier by tier; percentage "
        "and tiered_percentage: the same with percent of the measured amount; or a registered model",
                default="flat",
    ),
    text("measure", "What is priced: quantity, or an attribute with a number", default="quantity"),
    text("tier_by", "What chooses the level: what is priced, or the months since the service began",
         allowed=("measure", "maturity"), default="measure"),
    number("setup_fee", AMOUNT, "Charged once per event (or month)", unit="currency", default="0"),
    number("minimum_amount", AMOUNT, "Least amount of an event (or month)", unit="currency", default="0"),
    number("maximum_amount", AMOUNT, "Highest amount of an event (or month)", unit="currency", nullable=True),
    number("minimum_quantity", QUANTITY, "Units charged at least", unit="unit of the measure", default="0"),
    number(
        "increment",
        QUANTITY,
        "Step in which units above the minimum are charged; 0 charges the exact quantity",
        unit="unit of the measure",
        default="0",
    ),
    number(
        "unit_price",
        UNIT_PRICE,
        "Price of `price_per` units, or percent, of what falls in no tier; without it every quantity must have a tier",
        unit="currency",
        nullable=True,
    ),
    number("price_per", QUANTITY, "Units that the price is for", unit="unit of the measure", default="1"),
    text(
        "packages",
        "Whether `price_per` units are sold as a whole: started packages (up), full ones (down), or parts (none)",
        allowed=("none", "up", "down"),
        default="none",
    ),
    number("monthly_minimum", AMOUNT, "Least amount of its events in a month together", unit="currency", nullable=True),
    number("monthly_maximum", AMOUNT, "Highest amount of its events in a month together", unit="currency",
           nullable=True),
    text("aggregation", "How a month's events make one quantity", allowed=AGGREGATIONS, default="sum"),
    text("aggregation_window", "Whether the month is one total, or each day or hour one that is priced by itself",
         allowed=("month", "day", "hour"), default="month"),
    text("group_attributes", "Attributes, separated by `|`: each combination of their values is a charge of its own",
         nullable=True),
    text("across_bands", "Whether an event that lasts into another time band is priced by its start, or split: each "
         "part by the rate of its band", allowed=("start", "split"), default="start"),
    text("tariff_id", "Tariff that prices charging sessions; such a rate has no price of its own", nullable=True),
    *VALIDITY,
)  # fmt: skip

RATE_TIERS = reference(
    "rate_tiers",
    "one row per rate and tier",
    "Levels of a rate: a quantity belongs to the tier that it is above the lower and up to the upper limit of.",
    text("rate_id", "Rate", key=True),
    number("above", QUANTITY, "Lower limit, not part of the tier (0 is part of the first)", key=True,
           unit="unit of the measure, or month", default="0"),
    number("up_to", QUANTITY, "Upper limit, part of the tier; no limit when empty",
           unit="unit of the measure, or month", nullable=True),
    number("unit_price", UNIT_PRICE, "Price of `price_per` units, or percent", unit="currency", default="0"),
    number("price_per", QUANTITY, "Units that the price is for; the rate's when empty", unit="unit of the measure",
           nullable=True),
    number("markup_percent", PERCENT, "Instead of a price: percent on top of the rate's own unit_price, or off it "
           "below 0", unit="percent", nullable=True),
    number("flat_amount", AMOUNT, "Charged once when the tier is reached", unit="currency", default="0"),
    required=False,
)  # fmt: skip

RATE_CONDITIONS = reference(
    "rate_conditions",
    "one row per rate and attribute",
    "Attributes of the event that a rate is limited to; a rate with more of them is more specific.",
    text("rate_id", "Rate", key=True),
    text("attribute", "Attribute of the event, or result of a lookup", key=True),
    text("value", "Value that it must have"),
    required=False,
)

LOOKUPS = reference(
    "lookups",
    "one row per lookup and key",
    "Named tables that turn one attribute into another: by the exact key, by the longest prefix, or by range.",
    text("lookup_id", "Lookup", key=True),
    text("match", "How a value finds its row; one way per lookup", allowed=("exact", "prefix", "range")),
    text("lookup_key", "Value, its leading characters, or the number from which on", key=True),
    text("key_to", "Number before which a range ends; no limit when empty", nullable=True),
    text("result", "What it is turned into"),
    required=False,
)

PRODUCT_LOOKUPS = reference(
    "product_lookups",
    "one row per product and resulting attribute",
    "Lookups that a product's events pass, in the order of `place`: one may use the result of an earlier one.",
    text("product_id", "Usage product", key=True),
    text("attribute", "Attribute that the result becomes", key=True),
    integer("place", "Order in which lookups are made"),
    text("lookup_id", "Lookup"),
    text("from_attribute", "Attribute that is looked up: destination, an attribute, or an earlier result"),
    required=False,
)
