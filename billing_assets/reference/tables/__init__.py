"""Contracts of the reference tables: who is billed, what is sold, and at which price. A module for each subject."""

# ruff: noqa: F401, I001 - the facade of the package, in the order of the business

from billing_assets.reference.tables.form import GROUP
from billing_assets.reference.tables.vocabulary import (
    PRICE_TYPES,
    ACCOUNT_FIELDS,
    SEGMENT_FIELDS,
    CONDITION_FIELDS,
    CATALOGUE_FIELDS,
    PRODUCT_FIELDS,
    RECEIVER_FIELDS,
    DISCOUNTED_FIELDS,
    ORDER_DAYS,
    JOB_FIELDS,
    PLAN_FIELDS,
    PRODUCT_ATTRIBUTE,
    STRETCH,
    ANY,
)
from billing_assets.reference.tables.accounts import (
    BILLING_CYCLES,
    ACCOUNTS,
    REJECTED_ACCOUNTS,
    ACCOUNT_CHANGES,
    ACCOUNT_BILLING_SETTINGS,
    CONTACTS,
    REJECTED_CONTACTS,
    CURRENCIES,
    VENDOR_CURRENCIES,
)
from billing_assets.reference.tables.products import CATALOGUES, PRODUCTS, PRODUCT_ATTRIBUTES
from billing_assets.reference.tables.taxes import TAX_CODES, TAX_RATES, TAX_REGIMES
from billing_assets.reference.tables.plans import PRICE_PLANS, PRICE_PLAN_CONDITIONS, SEGMENTS, WHOLESALE_PLANS
from billing_assets.reference.tables.rates import (
    PRICED_BY,
    AGGREGATIONS,
    RATES,
    RATE_TIERS,
    RATE_CONDITIONS,
    LOOKUPS,
    PRODUCT_LOOKUPS,
)
from billing_assets.reference.tables.tariffs import TARIFFS, TARIFF_ELEMENTS, TARIFF_COMPONENTS
from billing_assets.reference.tables.zones_and_bands import (
    ZONE_PREFIXES,
    ZONES,
    TIME_BANDS,
    COMPANY_HOLIDAYS,
    HOLIDAYS,
)
from billing_assets.reference.tables.usage import (
    SECONDS_OF_UNIT,
    DURATION,
    TIME_ZONE,
    ATTRIBUTE_TYPES,
    IDENTITY_FIELDS,
    UDR_TYPES,
    UDR_TYPE_ATTRIBUTES,
    UNIT_CONVERSIONS,
)
from billing_assets.reference.tables.schemes import (
    BILLING_RULES,
    FREQUENCIES,
    FREQUENCY_UNITS,
    PRORATIONS,
    ALIGNMENTS,
    PRICE_PERIODS,
    BILLING_TERM_SCHEMES,
    BILLING_TERM_SCHEME_PLANS,
)
from billing_assets.reference.tables.offers import OFFERS, OFFER_PRODUCTS, FLOOR_PRICES
from billing_assets.reference.tables.privileges import ORGANISATIONAL_UNITS, UNIT_COLLABORATIONS, ROLES, USERS
from billing_assets.reference.tables.terms import (
    TRIAL_UNITS,
    ACCOUNT_FEE_KINDS,
    LIFE_TERMS,
    OFFER_TERMS,
    SCHEME_TERMS,
    ACCOUNT_FEES,
    INVOICE_MINIMUMS,
    PRICE_INDEXES,
)
from billing_assets.reference.tables.availability import AVAILABILITY_WINDOWS
from billing_assets.reference.tables.buy_in_advance import BUY_IN_ADVANCE_DEFINITIONS, BUY_IN_ADVANCE_DURATIONS
from billing_assets.reference.tables.bundles import (
    BUNDLE_EFFECTS,
    BUNDLE_MEASURES,
    UNIT_MEASURES,
    PRODUCT_CONDITIONS,
    PLACE_CONDITIONS,
    UDR_ATTRIBUTE,
    BUNDLES,
    BUNDLE_CONDITIONS,
    BUNDLE_LEVELS,
    COMMITMENTS,
    ACCOUNT_GROUPS,
)
from billing_assets.reference.tables.discounts import (
    FREE_PERIOD,
    FREE_USAGE,
    MOST_FREE_MONTHS,
    DISCOUNT_TYPES,
    SERVICE_JOB,
    ANY_DAY,
    STARTS_ON,
    MOST_RENEWED_MONTHS,
    TARGETS,
    OF_MONEY,
    DISCOUNT_DEFINITIONS,
    DISCOUNT_CRITERIA,
)
from billing_assets.reference.tables.usage_catalogues import (
    USAGE_CATALOGUES,
    USAGE_CATALOGUE_PERIODS,
    USAGE_CATALOGUE_ENTRIES,
    USAGE_CATALOGUE_CONDITIONS,
)

INPUTS = (
    BILLING_CYCLES, ACCOUNTS, ACCOUNT_CHANGES, ACCOUNT_BILLING_SETTINGS, CONTACTS, VENDOR_CURRENCIES,
    CATALOGUES, TAX_CODES, TAX_RATES, TAX_REGIMES,
    UDR_TYPES, UDR_TYPE_ATTRIBUTES, UNIT_CONVERSIONS, PRODUCTS, PRODUCT_ATTRIBUTES,
    PRICE_PLANS, PRICE_PLAN_CONDITIONS, SEGMENTS, WHOLESALE_PLANS, RATES, RATE_TIERS, RATE_CONDITIONS,
    LOOKUPS, PRODUCT_LOOKUPS, ZONE_PREFIXES, ZONES, TIME_BANDS, COMPANY_HOLIDAYS,
    OFFERS, OFFER_PRODUCTS, OFFER_TERMS, PRICE_INDEXES, ACCOUNT_FEES, INVOICE_MINIMUMS, AVAILABILITY_WINDOWS,
    BILLING_TERM_SCHEMES, BILLING_TERM_SCHEME_PLANS, SCHEME_TERMS,
    BUY_IN_ADVANCE_DEFINITIONS, BUY_IN_ADVANCE_DURATIONS,
    ORGANISATIONAL_UNITS, UNIT_COLLABORATIONS, ROLES, USERS, FLOOR_PRICES,
    DISCOUNT_DEFINITIONS, DISCOUNT_CRITERIA,
    BUNDLES, BUNDLE_CONDITIONS, BUNDLE_LEVELS, COMMITMENTS, ACCOUNT_GROUPS, TARIFFS, TARIFF_ELEMENTS, TARIFF_COMPONENTS,
    USAGE_CATALOGUES, USAGE_CATALOGUE_PERIODS, USAGE_CATALOGUE_ENTRIES, USAGE_CATALOGUE_CONDITIONS,
)  # fmt: skip
