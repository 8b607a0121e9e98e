"""The markets that the group sells in, and the places that its customers live in.

Here belongs what differs from country to country: vendor, currency, time zone, price level, tax rates
and the national numbering plan. What is sold is in catalogue.py, at which prices in prices.py.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

GROUP_ACCOUNT = "ORV-GROUP"
CYCLES = ({"billing_cycle": "monthly-1", "anchor_day": 1, "run_day": 2},
          {"billing_cycle": "monthly-15", "anchor_day": 15, "run_day": 17})  # fmt: skip


@dataclass(frozen=True)
class Market:
    """One vendor with its country. Prices are thought in euros and turned by `per_euro`."""

    code: str
    vendor_name: str
    currency: str
    time_zone: str
    per_euro: Decimal
    fee_step: Decimal
    rate_step: Decimal
    near_zone: str
    mobile_prefixes: tuple[str, ...]
    free_prefixes: tuple[str, ...]
    premium_prefixes: tuple[str, ...]

    @property
    def vendor_id(self) -> str:
        return f"ORV-{self.code}"

    def fee(self, euros: Decimal) -> Decimal:
        return self._price(euros, self.fee_step)

    def rate(self, euros: Decimal) -> Decimal:
        return self._price(euros, self.rate_step)

    def _price(self, euros: Decimal, step: Decimal) -> Decimal:
        steps = (euros * self.per_euro / step).quantize(Decimal(1), ROUND_HALF_UP)
        return steps * step


FRANCE = Market(
    "FR", "Orvane France SAS", "EUR", "Europe/Paris",
    Decimal("1"), Decimal("0.01"), Decimal("0.0001"), "europe",
    mobile_prefixes=("6", "7"), free_prefixes=("80",), premium_prefixes=("89",),
)  # fmt: skip
BRITAIN = Market(
    "GB", "Orvane UK Ltd", "GBP", "Europe/London",
    Decimal("0.86"), Decimal("0.01"), Decimal("0.0001"), "europe",
    mobile_prefixes=("7",), free_prefixes=("800", "808"), premium_prefixes=("9",),
)  # fmt: skip
JAPAN = Market(
    "JP", "Orvane Japan KK", "JPY", "Asia/Tokyo",
    Decimal("160"), Decimal("10"), Decimal("0.01"), "asia_pacific",
    mobile_prefixes=("60", "70", "80", "90"), free_prefixes=("120", "800"), premium_prefixes=("990",),
)  # fmt: skip
MARKETS = (FRANCE, BRITAIN, JAPAN)


@dataclass(frozen=True)
class Residence:
    """Where a customer is taxed and which clock it lives by. The French vendor also serves Germany."""

    country: str
    time_zone: str
    market: Market


HOME = {market.code: Residence(market.code, market.time_zone, market) for market in MARKETS}
GERMANY = Residence("DE", "Europe/Berlin", FRANCE)

TAX_CODES = (
    {"tax_code": "standard", "name": "Standard rate"},
    {"tax_code": "e_books", "name": "Electronic books"},
)

# Electronic books: reduced in France and Germany, zero-rated in the United Kingdom, standard in Japan.
_TAX_RATES = (
    ("standard", "FR", "20", None, None),
    ("standard", "GB", "20", None, None),
    ("standard", "JP", "8", "2014-04-01", "2019-10-01"),
    ("standard", "JP", "10", "2019-10-01", None),
    ("standard", "DE", "19", None, None),
    ("e_books", "FR", "5.5", None, None),
    ("e_books", "GB", "0", None, None),
    ("e_books", "JP", "10", None, None),
    ("e_books", "DE", "7", None, None),
)


def tax_rates() -> list[dict]:
    columns = ("tax_code", "country", "rate", "valid_from", "valid_to")
    return [dict(zip(columns, row, strict=True)) for row in _TAX_RATES]
