"""Telephone numbers: the zones of the world by dial prefix, and numbers that look real.

Calling codes and number lengths come from the phonenumbers package, so that a destination has the
digits that a switch would show.
"""

from functools import cache
from random import Random

import phonenumbers
from phonenumbers import PhoneNumberType

from demo.market import MARKETS, Market

ABROAD = {
    "europe": (
        "FR", "GB", "DE", "ES", "IT", "PT", "NL", "BE", "LU", "IE", "AT", "CH", "DK", "SE", "NO", "FI",
        "PL", "CZ", "SK", "HU", "SI", "HR", "RO", "BG", "GR", "EE", "LV", "LT", "MT", "CY", "IS",
    ),
    "america": ("US", "MX"),
    "asia_pacific": ("JP", "KR", "CN", "HK", "TW", "SG", "MY", "TH", "VN", "PH", "ID", "IN", "AU", "NZ"),
    "world": (
        "BR", "AR", "CL", "CO", "PE", "UY", "ZA", "MA", "TN", "EG", "NG", "KE", "SN", "IL", "AE", "SA", "TR",
    ),
}  # fmt: skip
# Jamaica and the Dominican Republic share the calling code of the United States.
_CARIBBEAN_PREFIXES = ("+1876", "+1658", "+1809", "+1829", "+1849")

# How many of a hundred go where.
CALLS = {
    "home_mobile": 52, "home_fixed": 24, "home_free": 3, "home_premium": 1, "europe": 12, "america": 3,
    "asia_pacific": 3, "world": 2,
}  # fmt: skip
MESSAGES = {"home_mobile": 88, "europe": 7, "america": 2, "asia_pacific": 2, "world": 1}


def calling_code(market: Market) -> str:
    return f"+{phonenumbers.country_code_for_region(market.code)}"


def zone_set(market: Market) -> str:
    return f"{market.code}-DIAL"


def zone_prefixes() -> list[dict]:
    """Longer prefixes tell mobile, free and premium numbers of the home country from its fixed ones."""
    rows = []
    for market in MARKETS:
        zones = {
            f"+{phonenumbers.country_code_for_region(region)}": zone
            for zone, regions in ABROAD.items()
            for region in regions
        }
        zones |= dict.fromkeys(_CARIBBEAN_PREFIXES, "world")
        home = calling_code(market)
        zones[home] = "home_fixed"
        zones |= {home + prefix: "home_mobile" for prefix in market.mobile_prefixes}
        zones |= {home + prefix: "home_free" for prefix in market.free_prefixes}
        zones |= {home + prefix: "home_premium" for prefix in market.premium_prefixes}
        rows += [{"zone_set": zone_set(market), "prefix": p, "zone_id": zones[p]} for p in sorted(zones)]
    return rows


def subscriber_number(market: Market, ordinal: int) -> str:
    """The mobile number of the nth subscriber; 7919 has no common factor with a million."""
    return _example(market.code, PhoneNumberType.MOBILE)[:-6] + f"{ordinal * 7919 % 1_000_000:06d}"


def called_number(market: Market, zone: str, rng: Random) -> str:
    stems = _stems(market)[zone]
    return f"{stems[int(rng.random() * len(stems))]}{int(rng.random() * 10_000):04d}"


@cache
def _stems(market: Market) -> dict[str, list[str]]:
    """Example numbers of each zone without their last four digits."""
    home = {
        "home_mobile": PhoneNumberType.MOBILE,
        "home_fixed": PhoneNumberType.FIXED_LINE,
        "home_free": PhoneNumberType.TOLL_FREE,
        "home_premium": PhoneNumberType.PREMIUM_RATE,
    }
    stems = {zone: [_example(market.code, kind)[:-4]] for zone, kind in home.items()}
    for zone, regions in ABROAD.items():
        foreign = [region for region in regions if region != market.code]
        kinds = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE)
        stems[zone] = [_example(region, kind)[:-4] for region in foreign for kind in kinds]
    return stems


def _example(region: str, kind: int) -> str:
    number = phonenumbers.example_number_for_type(region, kind)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
