"""Contracts of the orders stage: what was ordered, and what was asked for of what is had. A module for each subject."""

# ruff: noqa: F401, I001 - the facade of the package, in the order in which data flows

from billing_assets.orders.tables.order_lines import (
    GROUP,
    PRICING_SOURCES,
    ACTIONS,
    NEW,
    SOURCE_KEYS,
    REFERENCES,
    TAKES_EFFECT,
    REPLACED_AS,
    PLANNED,
    IMPORTED_ORDERS,
    ORDER_ACTIONS,
    BILLING_SPLITS,
    ORDER_LINES,
    ORDER_LINE_VERSIONS,
    REJECTED_ORDERS,
)
from billing_assets.orders.tables.service_jobs import JOB_UNITS, SERVICE_JOBS
from billing_assets.orders.tables.order_terms import ORDER_TERMS
from billing_assets.orders.tables.subscriptions import SUBSCRIPTIONS, SUBSCRIPTION_SERVICES, SUBSCRIPTION_CATALOGUES
from billing_assets.orders.tables.buy_in_advance import BUY_IN_ADVANCE_REQUESTS, REJECTED_BUY_IN_ADVANCE_REQUESTS
