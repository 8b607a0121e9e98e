"""Discounts: what may be taken off, for whom, how often, and who has to agree."""

from billing_assets.contract import VALIDITY, flag, integer, number, text
from billing_assets.exact import AMOUNT
from billing_assets.reference.tables.form import reference
from billing_assets.reference.tables.vocabulary import DISCOUNTED_FIELDS, RECEIVER_FIELDS

SERVICE_JOB = "service_job"
TARGETS = ("subscription", "account", SERVICE_JOB)
FREE_PERIOD, FREE_USAGE = "free_period", "free_usage"
OF_MONEY = ("amount", "amount_per_period")
MOST_FREE_MONTHS = 1200
ANY_DAY = "any_day"
STARTS_ON = (ANY_DAY, "service_start", "agreement")
MOST_RENEWED_MONTHS = 120
DISCOUNT_TYPES = ("percentage", FREE_PERIOD, FREE_USAGE, *OF_MONEY)

DISCOUNT_DEFINITIONS = reference(
    "discount_definitions",
    "one row per discount definition",
    "Discounts that exist: asked for one by one (ad hoc), or given to everybody who meets their criteria (automatic).",
    text("discount_definition_id", "Discount definition", key=True),
    text("name", "Name as printed on the invoice"),
    text("given", "Whether somebody has to ask for it", allowed=("ad_hoc", "automatic")),
    text("target", "Who has it: a subscription, or a paying account for all that it pays for, each but for its service "
         "jobs; or a service job", allowed=TARGETS, default="subscription"),
    text("discount_type", "What it takes off: a percentage, the fees of some months, units of usage, or an amount, "
         "once or every month", allowed=DISCOUNT_TYPES),
    number("value", AMOUNT, "Percentage, months, units or amount; that of the request when empty", nullable=True),
    number("minimum_value", AMOUNT, "Least value of a request", nullable=True),
    number("maximum_value", AMOUNT, "Most value of a request", nullable=True),
    text("currency", "ISO 4217 currency of an amount", nullable=True),
    text("unit", "Unit of free usage, as rates have it", nullable=True),
    integer("priority", "Of discounts in the same place, the lower goes first", default="0"),
    flag("reduces_commitments", "Whether it also reduces what commitments come to", default="false"),
    text("starts_on", "Day that has to be within its validity: any, the first day of the service, or that of the "
         "agreement; free months begin with it, too", allowed=STARTS_ON, default=ANY_DAY),
    integer("duration_months", "Months that it lasts; to the end of its validity when empty", nullable=True,
            unit="month"),
    integer("renewal_months", "Months after which an automatic one is given anew; never when empty", nullable=True,
            unit="month"),
    integer("times_per_year", "Requests per target and calendar year; no limit when empty", nullable=True),
    text("binding_period", "Whether it is given in a binding period, after it, or in any case",
         allowed=("any", "in", "out"), default="any"),
    text("allowed_units", "Organisational units that may ask for it, separated by `|`; any when empty", nullable=True),
    text("approval_unit", "Unit whose members approve requests; none is needed when empty", nullable=True),
    *VALIDITY,
    required=False,
)  # fmt: skip

DISCOUNT_CRITERIA = reference(
    "discount_criteria",
    "one row per discount definition and field",
    "Who may have a discount, and which charges it reduces. All criteria must hold.",
    text("discount_definition_id", "Discount definition", key=True),
    text("field", "What is looked at: of who has it, or of what is charged", key=True,
         allowed=(*RECEIVER_FIELDS, *DISCOUNTED_FIELDS)),
    text("allowed_values", "Values that meet it, separated by `|`"),
    required=False,
)  # fmt: skip
