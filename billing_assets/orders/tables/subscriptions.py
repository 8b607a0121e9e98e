"""What accounts have: subscriptions, their usage services, and the catalogues that they may order from."""

import ibis.expr.datatypes as dt

from billing_assets.contract import Column, Table, day, instant, integer, text
from billing_assets.orders.tables.order_lines import GROUP

SUBSCRIPTIONS = Table(
    "subscriptions",
    GROUP,
    "one row per subscription",
    "What an account has: the order lines that share a subscription id.",
    (
        text("subscription_id", "Subscription", key=True),
        text("subscription_type", "Its type, where its order lines give one", nullable=True),
        text("account_id", "Account that uses it"),
        text("price_plan_id", "Plan of its usage, where it has one", nullable=True),
        text("billing_term_scheme_id", "Its billing term scheme, where it has one", nullable=True),
        day("start_date", "First day of its life"),
        day("end_date", "First day after its life; open when empty", nullable=True),
        integer("order_lines", "Order lines that it consists of"),
    ),
)

SUBSCRIPTION_SERVICES = Table(
    "subscription_services",
    GROUP,
    "one row per usage service of a subscription",
    "Which usage belongs to which subscription: identifier and UDR type, from when to when.",
    (
        text("order_line_id", "Order line", key=True),
        text("service_identifier", "What usage is recognised by", personal=True),
        text("udr_type", "UDR type"),
        text("product_id", "Usage product, where the record names none itself"),
        text("subscription_id", "Subscription"),
        text("account_id", "Account that uses it"),
        text("payer_account_id", "Account that pays"),
        text("price_plan_id", "Plan that rates its usage: the chosen one, or what applies instead", nullable=True),
        text("time_zone", "Time zone of the account that uses it"),
        instant("start_at", "Begin of its life, UTC"),
        instant("end_at", "End of its life (exclusive), UTC", nullable=True),
    ),
)

SUBSCRIPTION_CATALOGUES = Table(
    "subscription_catalogues",
    GROUP,
    "one row per subscription, usage catalogue with conditions, and stretch of days",
    "Which subscriptions meet the conditions of which usage catalogues, from when to when.",
    (
        text("subscription_id", "Subscription", key=True),
        text("usage_catalogue_id", "Usage catalogue that has conditions; those without are open to all", key=True),
        Column("valid_from", dt.date, "First local day on which it meets them", key=True),
        Column("valid_to", dt.date, "First local day on which it no longer does", key=True),
    ),
)
