"""What the group sells: products, offers, price plans and discounts, the same in every market.

A product, plan or offer is named by its market and its kind: FR-VOICE, GB-BUSINESS, JP-CINEMA.
"""

from dataclasses import dataclass
from decimal import Decimal

from demo.dialling import zone_set
from demo.market import FRANCE, MARKETS, Market

EV_ZONE_SET = "EV-SITES"


@dataclass(frozen=True)
class Kind:
    """A product as every market sells it."""

    name: str
    product_type: str
    tax_code: str = "standard"
    accounting_code: str = "706000"
    udr_type: str | None = None
    time_band_set: str | None = None


DISCOUNTS = {
    "SIGNATURE": ("Signature 10 %", "10"),
    "WELCOME": ("Welcome 20 %", "20"),
    "FRAME": ("Frame contract 7.5 %", "7.5"),
}

KINDS = {
    "MOBILE-LIGHT": Kind("Mobile Light", "termed_service", accounting_code="706110"),
    "MOBILE-PLUS": Kind("Mobile Plus", "termed_service", accounting_code="706110"),
    "MOBILE-VIP": Kind("Mobile Signature", "termed_service", accounting_code="706110"),
    "MOBILE-BUSINESS": Kind("Mobile Business", "termed_service", accounting_code="706110"),
    "SIM": Kind("SIM activation", "one_time_service", accounting_code="706120"),
    "CINEMA": Kind("Cinema at home", "termed_service", accounting_code="706210"),
    "BOOKS": Kind("E-book library", "termed_service", "e_books", "706220"),
    "EV-CARD": Kind("Charging card", "termed_service", accounting_code="706310"),
    "EV-CARD-ISSUE": Kind("Issue of a charging card", "physical_good", accounting_code="707310"),
    "WALLBOX": Kind("Wallbox 11 kW", "physical_good", accounting_code="707320"),
    "WALLBOX-CARE": Kind("Wallbox maintenance", "termed_service", accounting_code="706320"),
    "SAAS-SEAT": Kind("Fleet desk, per seat", "termed_service", accounting_code="706410"),
    "SAAS-SETUP": Kind("Fleet desk onboarding", "one_time_service", accounting_code="706420"),
    "TRAVEL": Kind("Travel expenses", "expense", accounting_code="708500"),
    "VOICE": Kind("Calls", "usage_service", "standard", "706130", "voice", "PHONE"),
    "SMS": Kind("Text messages", "usage_service", "standard", "706130", "sms"),
    "DATA": Kind("Mobile data", "usage_service", "standard", "706140", "data"),
    "VOD-HD": Kind("Film rental HD", "usage_service", "standard", "706230", "vod"),
    "VOD-UHD": Kind("Film rental UHD", "usage_service", "standard", "706230", "vod"),
    "EV-AC": Kind("Charging AC", "usage_service", "standard", "706330", "ev_charging", "CHARGING"),
    "EV-DC": Kind("Charging DC", "usage_service", "standard", "706330", "ev_charging", "CHARGING"),
    "EV-ROAM": Kind("Charging at partners", "usage_service", "standard", "706340", "ev_roaming"),
    "API": Kind("API calls", "usage_service", "standard", "706430", "api"),
}

FEES = {
    "MOBILE-LIGHT": Decimal("7.99"), "MOBILE-PLUS": Decimal("17.99"), "MOBILE-VIP": Decimal("29.90"),
    "MOBILE-BUSINESS": Decimal("14.90"), "SIM": Decimal("10"), "CINEMA": Decimal("9.99"),
    "BOOKS": Decimal("5.99"), "EV-CARD": Decimal("4.99"), "EV-CARD-ISSUE": Decimal("9.90"),
    "WALLBOX": Decimal("649"), "WALLBOX-CARE": Decimal("12.5"), "SAAS-SEAT": Decimal("19.5"),
    "SAAS-SETUP": Decimal("1200"), "TRAVEL": Decimal("184.60"),
}  # fmt: skip

_PHONE = ("VOICE", "SMS", "DATA")
_LEISURE = ("VOD-HD", "VOD-UHD", "EV-AC", "EV-DC", "EV-ROAM")
PLANS = {
    "CONSUMER": ("Consumer", (*_PHONE, *_LEISURE)),
    "PLUS": ("Mobile Plus", _PHONE),
    "BUSINESS": ("Business", (*_PHONE, *_LEISURE, "API")),
    "VIP": ("Signature", (*_PHONE, *_LEISURE)),
}

OFFERS = {
    "MOBILE-LIGHT": ("Mobile Light", "CONSUMER", ("MOBILE-LIGHT", "SIM", *_PHONE)),
    "MOBILE-PLUS": ("Mobile Plus", "PLUS", ("MOBILE-PLUS", "SIM", *_PHONE)),
    "MOBILE-VIP": ("Mobile Signature", "VIP", ("MOBILE-VIP", "SIM", *_PHONE)),
    "CINEMA": ("Cinema at home", "CONSUMER", ("CINEMA", "VOD-HD", "VOD-UHD")),
    "BOOKS": ("E-book library", None, ("BOOKS",)),
    "DRIVE": ("Drive anywhere", "CONSUMER", ("EV-CARD", "EV-CARD-ISSUE", "EV-AC", "EV-DC", "EV-ROAM")),
}


def name(market: Market, kind: str) -> str:
    return f"{market.code}-{kind}"


def plans(market: Market) -> list[str]:
    """The Signature plan is sold in France only."""
    return [plan for plan in PLANS if plan != "VIP" or market is FRANCE]


def price_type(kind: str) -> str:
    by_product_type = {"termed_service": "recurring", "usage_service": "usage"}
    return by_product_type.get(KINDS[kind].product_type, "one_time")


def catalogues() -> list[dict]:
    return [
        {"catalogue_id": m.code, "name": f"Catalogue of {m.vendor_name}", "vendor_account_id": m.vendor_id}
        for m in MARKETS
    ]


def products() -> list[dict]:
    return [
        {
            "product_id": name(market, kind),
            "catalogue_id": market.code,
            "name": product.name,
            "product_type": product.product_type,
            "udr_type": product.udr_type,
            "zone_set": _zone_set(market, product),
            "time_band_set": product.time_band_set,
            "tax_code": product.tax_code,
            "accounting_code": product.accounting_code,
        }
        for market in MARKETS
        for kind, product in KINDS.items()
    ]


def _zone_set(market: Market, product: Kind) -> str | None:
    by_udr_type = {"voice": zone_set(market), "sms": zone_set(market), "ev_charging": EV_ZONE_SET}
    return by_udr_type.get(product.udr_type)


def price_plans() -> list[dict]:
    return [
        {
            "price_plan_id": name(market, plan),
            "catalogue_id": market.code,
            "name": PLANS[plan][0],
            "currency": market.currency,
        }
        for market in MARKETS
        for plan in plans(market)
    ]


def offers() -> list[dict]:
    return [
        {
            "offer_id": name(market, offer),
            "catalogue_id": market.code,
            "name": title,
            "price_plan_id": plan and name(market, plan),
        }
        for market, offer, title, plan, _ in _sold_offers()
    ]


def offer_products() -> list[dict]:
    return [
        {
            "offer_id": name(market, offer),
            "product_id": name(market, kind),
            "price_type": price_type(kind),
            "currency": market.currency,
            "unit_price": market.fee(FEES[kind]) if kind in FEES else None,
        }
        for market, offer, _, _, kinds in _sold_offers()
        for kind in kinds
    ]


def _sold_offers():
    for market in MARKETS:
        for offer, (title, plan, kinds) in OFFERS.items():
            if plan is None or plan in plans(market):
                yield market, offer, title, plan, kinds


def discount_definitions() -> list[dict]:
    return [
        {"discount_definition_id": key, "name": name, "given": "ad_hoc", "discount_type": "percentage", "value": value}
        for key, (name, value) in DISCOUNTS.items()
    ]
