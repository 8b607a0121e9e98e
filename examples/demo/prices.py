"""What usage costs: rates of each plan, bundles, time bands and the zones of the charging sites.

Prices are in euros and turned into the currency of the market. Every plan has a base rate (any zone,
any time) for each product that it rates, so that no usage is left without a price.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from demo.catalogue import EV_ZONE_SET, PLANS, name, plans
from demo.dialling import ABROAD
from demo.market import MARKETS, Market

_LEVEL = {"CONSUMER": Decimal("1"), "PLUS": Decimal("0.9"), "BUSINESS": Decimal("0.8"), "VIP": Decimal("0.6")}
_CALL_STEPS = {"CONSUMER": (60, 60), "PLUS": (30, 6), "BUSINESS": (1, 1), "VIP": (1, 1)}
_DATA_STEPS = {"CONSUMER": (1, 1), "PLUS": (1, Decimal("0.1")), "BUSINESS": (0, 0), "VIP": (0, 0)}


@dataclass(frozen=True)
class Price:
    """One price in euros; the steps of calls and data depend on the plan."""

    kind: str
    unit_price: str
    zone: str | None = None
    band: str | None = None
    setup_fee: str = "0"
    minimum_amount: str = "0"
    minimum: int = 0
    increment: int = 0
    price_per: int = 1


def _call(unit_price: str, zone: str | None = None, band: str | None = None, **options) -> Price:
    return Price("VOICE", unit_price, zone, band, price_per=60, **options)


_PRICES = (
    _call("0.50", setup_fee="0.10"),
    _call("0.09", "home_mobile"), _call("0.15", "home_mobile", "peak"), _call("0.05", "home_mobile", "night"),
    _call("0.05", "home_fixed"), _call("0.10", "home_fixed", "peak"), _call("0.03", "home_fixed", "night"),
    _call("0", "home_free"),
    _call("0.80", "home_premium", setup_fee="0.50", minimum_amount="1.20", minimum=60, increment=60),
    _call("0.90", "world", setup_fee="0.15", minimum=60, increment=60),
    Price("SMS", "0.20"), Price("SMS", "0.08", "home_mobile"), Price("SMS", "0.12", "europe"),
    Price("DATA", "0.005"),
    Price("VOD-HD", "3.99"), Price("VOD-UHD", "5.99"),
    Price("EV-AC", "0.45", setup_fee="0.35"), Price("EV-AC", "0.39", "city", setup_fee="0.35"),
    Price("EV-AC", "0.27", "city", "night", setup_fee="0.35"), Price("EV-AC", "0.44", "city", "peak", setup_fee="0.35"),
    Price("EV-DC", "0.65", setup_fee="0.35", minimum_amount="1"),
    Price("EV-DC", "0.55", "city", setup_fee="0.35", minimum_amount="1"),
    Price("EV-DC", "0.69", "highway", setup_fee="0.35", minimum_amount="1"),
    Price("EV-DC", "0.59", "highway", "night", setup_fee="0.35", minimum_amount="1"),
    Price("EV-ROAM", "0.79"),
    Price("API", "0.40", minimum=100, increment=100, price_per=1000),
)  # fmt: skip


def _foreign_calls(market: Market) -> list[Price]:
    """Calls to the market's own part of the world are cheaper, and have a peak price."""
    prices = []
    for zone in ABROAD:
        if zone == market.near_zone:
            prices += [_call("0.18", zone), _call("0.25", zone, "peak")]
        elif zone != "world":
            prices.append(_call("0.30", zone))
    return prices


@dataclass(frozen=True)
class _Change:
    """A new price from a day on, as a factor of the old one."""

    kind: str
    zone: str
    from_day: date
    factor: Decimal


def rates(months: list[date]) -> list[dict]:
    """Calls to Europe become cheaper with the second month, charging dearer in the middle of it."""
    second = months[min(1, len(months) - 1)]
    changes = (
        _Change("VOICE", "europe", second, Decimal("0.8")),
        _Change("EV-AC", "city", second + timedelta(days=14), Decimal("1.1")),
    )
    return [
        row
        for market in MARKETS
        for plan in plans(market)
        for price in (*_PRICES, *_foreign_calls(market))
        if price.kind in PLANS[plan][1]
        for row in _rate(market, plan, price, changes)
    ]


def _rate(market: Market, plan: str, price: Price, changes: tuple[_Change, ...]) -> list[dict]:
    level = _LEVEL[plan]
    minimum, increment = _steps(plan, price)
    rate_id = f"{name(market, plan)}.{price.kind}.{price.zone or 'any'}.{price.band or 'any'}"
    row = {
        "rate_id": rate_id,
        "price_plan_id": name(market, plan),
        "product_id": name(market, price.kind),
        "zone_id": price.zone,
        "time_band_id": price.band,
        "setup_fee": market.rate(Decimal(price.setup_fee) * level),
        "minimum_amount": market.rate(Decimal(price.minimum_amount) * level),
        "minimum_quantity": minimum,
        "increment": increment,
        "unit_price": market.rate(Decimal(price.unit_price) * level),
        "price_per": price.price_per,
        "valid_from": None,
        "valid_to": None,
    }
    for change in changes:
        if (change.kind, change.zone) == (price.kind, price.zone):
            new = market.rate(Decimal(price.unit_price) * level * change.factor)
            later = row | {"rate_id": f"{rate_id}.2", "unit_price": new, "valid_from": change.from_day}
            return [row | {"valid_to": change.from_day}, later]
    return [row]


def _steps(plan: str, price: Price) -> tuple:
    if price.minimum or price.increment:
        return price.minimum, price.increment
    return {"VOICE": _CALL_STEPS, "DATA": _DATA_STEPS}.get(price.kind, {}).get(plan, (0, 0))


_BUNDLES = (
    ("CONSUMER", "SMS", None, 20, "20 free messages"),
    ("PLUS", "VOICE", "home_mobile", 7_200, "120 minutes to mobiles"),
    ("PLUS", "VOICE", "home_fixed", 18_000, "300 minutes to landlines"),
    ("PLUS", "SMS", None, 100, "100 free messages"),
    ("BUSINESS", "VOICE", "home_mobile", 9_000, "150 minutes to mobiles"),
    ("BUSINESS", "VOICE", "europe", 3_600, "60 minutes to Europe"),
    ("BUSINESS", "SMS", "home_mobile", 50, "50 free messages to mobiles"),
    ("BUSINESS", "DATA", None, 3_000, "3 GB of data"),
    ("BUSINESS", "API", None, 100_000, "100,000 API calls"),
    ("VIP", "VOICE", None, 36_000, "600 minutes"),
    ("VIP", "DATA", None, 20_000, "20 GB of data"),
)


def bundles(months: list[date]) -> list[dict]:
    """The data bundle of Mobile Plus grows with the last month."""
    return [row for market in MARKETS for row in _bundles(market, months[-1])]


def _bundles(market: Market, growth: date) -> list[dict]:
    rows = [
        _bundle(market, plan, kind, zone, quantity, title)
        for plan, kind, zone, quantity, title in _BUNDLES
        if plan in plans(market)
    ]
    small = _bundle(market, "PLUS", "DATA", None, 2_000, "2 GB of data")
    large = _bundle(market, "PLUS", "DATA", None, 3_000, "3 GB of data")
    later = large | {"bundle_id": f"{large['bundle_id']}.2", "valid_from": growth}
    return [*rows, small | {"valid_to": growth}, later]


def _bundle(market: Market, plan: str, kind: str, zone: str | None, quantity: int, title: str) -> dict:
    return {
        "bundle_id": f"{name(market, plan)}.{kind}.{zone or 'any'}",
        "name": title,
        "price_plan_id": name(market, plan),
        "product_id": name(market, kind),
        "zone_id": zone,
        "included_quantity": quantity,
        "valid_from": None,
        "valid_to": None,
    }


def time_bands() -> list[dict]:
    columns = ("time_band_set", "time_band_id", "weekdays", "start_time", "end_time")
    bands = (
        ("PHONE", "peak", "1-5", "08:00", "20:00"),
        ("PHONE", "night", "1-7", "22:00", "06:00"),
        ("CHARGING", "peak", "1-5", "17:00", "20:00"),
        ("CHARGING", "night", "1-7", "22:00", "06:00"),
    )
    return [dict(zip(columns, band, strict=True)) for band in bands]


def charging_zones() -> list[dict]:
    """Sites of the own network: those at highways have an H after the operator's code."""
    sites = (("E", "city"), ("EH", "highway"))
    return [
        {"zone_set": EV_ZONE_SET, "prefix": f"{market.code}*ORV*{site}", "zone_id": zone}
        for market in MARKETS
        for site, zone in sites
    ]
