"""Contracts of the usage stage: from lines of files to usage detail records (UDRs)."""

import ibis.expr.datatypes as dt

from billing_assets.contract import (
    LINEAGE,
    REJECTION,
    Column,
    InputTable,
    Partition,
    Table,
    day,
    instant,
    integer,
    number,
    text,
)
from billing_assets.exact import AMOUNT, QUANTITY
from billing_assets.orders.tables import SOURCE_KEYS

GROUP = "usage"

_LOAD_DAY = day("load_day", "Day on which the file was loaded: from its path, else the day it was first seen", key=True)
_EVENT_DAY = day("event_day", "UTC day of the billing effective time", key=True)
_SOURCE = text("source", "Usage source that the file belongs to")
_LINE = tuple(Column(c.name, c.dtype, c.description, key=True, unit=c.unit) for c in LINEAGE)
_TIMES = (
    instant("billing_effective_at", "Time that decides the billing month, UTC; the start when the source gives none"),
    instant("started_at", "Start of the event, UTC"),
)
_ATTRIBUTES = Column("attributes", dt.Map(dt.string, dt.string), "Further attributes of the record by name")

LOAD_MANIFEST = Table(
    "load_manifest",
    GROUP,
    "one row per load day and file",
    "Which usage files were loaded when, with the SHA-256 of their content and how they were read.",
    (
        _LOAD_DAY,
        _SOURCE,
        text("source_file", "File, relative to the inputs", key=True),
        text("sha256", "SHA-256 of the file's bytes"),
        text("mapping", "Digest of the source's section of billing.toml that it was read with"),
        integer("bytes", "Size of the file", unit="byte"),
        integer("records", "Records in it: routed and rejected"),
        integer("rejected", "Records that could not be routed to a day"),
    ),
    Partition.LOAD_DAY,
)

RAW_USAGE = Table(
    "raw_usage",
    GROUP,
    "one row per usage record that has a usable time, by load day",
    "Usage records as their source gave them, as text, with their file and line. Evidence: never edited.",
    (
        _LOAD_DAY,
        _SOURCE,
        *_LINE,
        day("event_day", "UTC day of the billing effective time"),
        *_TIMES,
        text("record_id", "The source's own id of the record", nullable=True),
        text("udr_type", "UDR type", nullable=True),
        text("service_identifier", "Number, card or contract that used the service", nullable=True, personal=True),
        text("product_id", "Product, where the record names one", nullable=True),
        text("quantity", "Quantity as text", nullable=True),
        text("unit", "Unit of the quantity", nullable=True),
        text("destination", "Called number, site or other key of the zone", nullable=True, personal=True),
        text("amount", "Amount of a pre-rated record, as text", nullable=True),
        text("currency", "Currency of a pre-rated record", nullable=True),
        _ATTRIBUTES,
    ),
    Partition.LOAD_DAY,
)

USAGE_ARRIVALS = Table(
    "usage_arrivals",
    GROUP,
    "one row per load day and event day",
    "Which event days the records of a load day belong to.",
    (
        _LOAD_DAY,
        day("event_day", "UTC day of the events", key=True),
        integer("records", "Records routed to that day"),
    ),
    Partition.LOAD_DAY,
)

REJECTED_RAW_USAGE = Table(
    "rejected_raw_usage",
    GROUP,
    "one row per line that could not be routed to an event day, by load day",
    "Lines without a usable time, broken lines, and broken files, each with its reason.",
    (
        _LOAD_DAY,
        _SOURCE,
        *REJECTION,
        text("record", "The line as it stands in the file", nullable=True, personal=True),
    ),
    Partition.LOAD_DAY,
)

UDRS = Table(
    "udrs",
    GROUP,
    "one row per usage detail record",
    "Valid usage: typed, in the unit of its type, assigned to a subscription, each record once.",
    (
        _EVENT_DAY,
        text("udr_id", "Hash of the identity fields of its type", key=True),
        *_TIMES,
        instant("local_at", "Start of the event in the time zone of the account that used it"),
        text("udr_type", "UDR type"),
        _SOURCE,
        text("service_identifier", "Number, card or contract that used the service", personal=True),
        text("product_id", "Usage product"),
        text("subscription_id", "Subscription"),
        text("service_account_id", "Account that used it"),
        text("payer_account_id", "Account that pays"),
        text("price_plan_id", "Plan that rates it; empty for a subscription with pre-rated usage only", nullable=True),
        number("quantity", QUANTITY, "Quantity in the unit of its type"),
        text("unit", "Unit of the UDR type"),
        text("destination", "Called number, site or other key of the zone", nullable=True, personal=True),
        number("prerated_amount", AMOUNT, "Amount that the source gave; such a record is not rated again",
               unit="currency", nullable=True),
        text("prerated_currency", "Currency of that amount", nullable=True),
        _ATTRIBUTES,
        day("load_day", "Day on which it was loaded"),
        *LINEAGE,
    ),
    Partition.EVENT_DAY,
)  # fmt: skip

REJECTED_UDRS = Table(
    "rejected_udrs",
    GROUP,
    "one row per routed record that is no valid UDR",
    "Usage that cannot be billed as it is, each with its reason; the day is made again when that may change.",
    (
        _EVENT_DAY,
        day("load_day", "Day on which it was loaded"),
        _SOURCE,
        text("udr_id", "Hash of the identity fields, where they could be read", nullable=True),
        text("duplicate_of", "file:line of the record that was kept instead", nullable=True),
        text("reason", "Reason code (docs/rejections.md)"),
        text("detail", "What was wrong, with the value that was found", nullable=True, personal=True),
        *_LINE,
    ),
    Partition.EVENT_DAY,
)

UDR_DAYS = Table(
    "udr_days",
    GROUP,
    "one row per event day",
    "What the UDRs of an event day were made of.",
    (
        _EVENT_DAY,
        text("fingerprint", "Digest of the day's arrivals, services, rates and rules"),
    ),
    Partition.EVENT_DAY,
)

_ORDER = (
    *(text(c.name, c.description) for c in SOURCE_KEYS),
    text("subscription_id", "Subscription that orders"),
)
_ORDER_ID = text("usage_order_id", "source:order:line", key=True)
_IDENTIFIER = text("service_identifier", "Number, card or contract of its usage line", personal=True)
_ORDER_TIMES = (
    instant("ordered_at", "Time of the order, UTC"),
    instant("effective_at", "Time for which the service is ordered, UTC"),
)

USAGE_ORDERS = InputTable(
    "usage_orders",
    GROUP,
    "one row per usage order line as its source gave it",
    "Orders of usage services by subscriptions, for now or for later.",
    (
        *SOURCE_KEYS,
        text("subscription_id", "Subscription that orders"),
        text("termed_product_id", "Termed service of the subscription that it is ordered with", nullable=True),
        text("product_id", "Usage service that is ordered"),
        text("udr_type", "Its UDR type; the product's when empty", nullable=True),
        text("quantity", "How much is ordered", default="1"),
        text("unit", "Unit of the quantity; that of the UDR type when empty", nullable=True),
        text("attributes", "Attributes of the UDR type: `name=value`, separated by `|`", nullable=True),
        text("ordered_at", "Time of the order, ISO 8601; local to the account where it has no offset"),
        text("effective_at", "Time for which it is ordered; that of the order when empty", nullable=True),
        *LINEAGE,
    ),
    required=False,
)

ACCEPTED_USAGE_ORDERS = Table(
    "accepted_usage_orders",
    GROUP,
    "one row per accepted usage order line",
    "Usage orders that become usage on their event day; those of a day that was not made yet wait for it.",
    (
        _ORDER_ID,
        *_ORDER,
        text("account_id", "Account that uses it"),
        text("termed_product_id", "Termed service that it is ordered with", nullable=True),
        _IDENTIFIER,
        text("product_id", "Usage service"),
        text("udr_type", "UDR type"),
        text("quantity", "Quantity as text"),
        text("unit", "Unit of the quantity", nullable=True),
        _ATTRIBUTES,
        *_ORDER_TIMES,
        day("event_day", "UTC day of the effective time"),
        text("usage_catalogue_id", "Usage catalogue that allows it; empty for a company without any", nullable=True),
        *LINEAGE,
    ),
)

REJECTED_USAGE_ORDERS = Table(
    "rejected_usage_orders",
    GROUP,
    "one row per usage order line that is refused",
    "Usage orders that were refused, each with its reason.",
    (
        *(text(c.name, c.description, nullable=True) for c in SOURCE_KEYS),
        *REJECTION,
    ),
)

PROVISIONING_REQUESTS = Table(
    "provisioning_requests",
    GROUP,
    "one row per accepted usage order line and provisioning provider",
    "What providers are asked to supply, when, and to whom: ready to be exported.",
    (
        _ORDER_ID,
        text("provider", "Provisioning provider", key=True),
        text("provisioning_id", "What the provider calls the service"),
        text("usage_catalogue_id", "Usage catalogue that allows it"),
        *_ORDER,
        text("account_id", "Account that uses it"),
        _IDENTIFIER,
        text("product_id", "Usage service"),
        number("quantity", QUANTITY, "Quantity in the unit of its type"),
        text("unit", "Unit of the UDR type"),
        *_ORDER_TIMES,
    ),
)
