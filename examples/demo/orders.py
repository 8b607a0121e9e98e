"""The order book: order lines of three sources, the services that they start, and the discounts.

Here belongs the shape of an order. Which customer orders what is in subscriptions.py.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from demo.catalogue import FEES, KINDS, name, price_type
from demo.customers import Customer
from demo.market import Market

_ORDER_NUMBERS = {"web_shop": "W{:07d}", "cpq": "Q-{:05d}", "erp": "SO{:06d}"}


@dataclass(frozen=True, slots=True)
class Life:
    """When a subscription lives; half-open, open at the end when that is empty.

    `follows` is the start of the subscription whose number it goes on with.
    """

    ordered_on: date
    start: date
    end: date | None = None
    follows: date | None = None

    def covers(self, day: date) -> bool:
        return self.start <= day and (self.end is None or day < self.end)


@dataclass(frozen=True, slots=True)
class Service:
    """What usage is made with: an identifier that a subscription has for one UDR type."""

    identifier: str
    udr_type: str
    market: Market
    time_zone: str
    life: Life
    weight: int

    @property
    def known_since(self) -> date:
        return self.life.follows or self.life.start


@dataclass(frozen=True, slots=True)
class Line:
    """One line that is wanted: a kind of product, and what departs from the offer or the list.

    `weight` is how much its identifier is used, compared with others.
    """

    kind: str
    identifier: str | None = None
    weight: int = 1
    price: Decimal | None = None
    quantity: int = 1
    billing_rule: str | None = None
    billing_day: int | None = None


class OrderBook:
    """Collects what is ordered, in the shape of the input tables."""

    def __init__(self):
        self.lines: list[dict] = []
        self.services: list[Service] = []
        self.discounts: list[dict] = []
        self._order_counts = Counter()
        self._line_counts = Counter()

    def new_order(self, source: str) -> str:
        self._order_counts[source] += 1
        return _ORDER_NUMBERS[source].format(self._order_counts[source])

    def accept_offer(
        self, order: str, customer: Customer, life: Life, offer: str, lines: list[Line], subscription: str | None = None
    ):
        """Lines of the web shop, priced and planned by their offer; the VIP's usage has a plan of its own."""
        market = customer.residence.market
        terms = {"subscription_id": subscription, "offer_id": name(market, offer)}
        for line in lines:
            if customer.is_vip and line.identifier:
                self._add("web_shop", order, customer, life, line, price_plan_id=name(market, "VIP"), **terms)
            else:
                self._add("web_shop", order, customer, life, line, **terms)

    def accept_quote(self, order: str, customer: Customer, life: Life, plan: str, lines: list[Line], subscription: str):
        """Lines of the quoting tool, with their own prices, currency and plan."""
        market = customer.residence.market
        for line in lines:
            terms = {"subscription_id": subscription, "currency": market.currency}
            if price_type(line.kind) == "usage":
                terms["price_plan_id"] = name(market, plan)
            else:
                terms["unit_price"] = market.fee(FEES[line.kind] if line.price is None else line.price)
            self._add("cpq", order, customer, life, line, **terms)

    def sell(self, order: str, customer: Customer, life: Life, lines: list[Line], subscription: str):
        """Lines of the ERP: goods and their maintenance at list prices."""
        market = customer.residence.market
        for line in lines:
            price = market.fee(FEES[line.kind])
            self._add("erp", order, customer, life, line, subscription_id=subscription, unit_price=price)

    def discount(self, subscription: str, definition: str, start: date, end: date | None = None):
        self.discounts.append(
            {
                "discount_request_id": f"D{len(self.discounts) + 1:05d}",
                "discount_definition_id": definition,
                "subscription_id": subscription,
                "requested_on": start,
                "end_date": end,
            }
        )

    def _add(self, source: str, order: str, customer: Customer, life: Life, line: Line, **terms):
        charged = price_type(line.kind)
        market = customer.residence.market
        self._line_counts[order] += 1
        if line.identifier:
            udr_type, time_zone = KINDS[line.kind].udr_type, customer.residence.time_zone
            self.services.append(Service(line.identifier, udr_type, market, time_zone, life, line.weight))
        self.lines.append(
            {
                "source": source,
                "source_order_id": order,
                "source_line_id": self._line_counts[order],
                "ordered_on": life.ordered_on,
                "account_id": customer.account_id,
                "subscription_id": terms.get("subscription_id"),
                "offer_id": terms.get("offer_id"),
                "product_id": name(market, line.kind),
                "price_plan_id": terms.get("price_plan_id"),
                "price_type": charged,
                "billing_rule": line.billing_rule,
                "billing_day": line.billing_day,
                "quantity": line.quantity,
                "unit_price": terms.get("unit_price"),
                "currency": terms.get("currency"),
                "start_date": life.start,
                "end_date": None if charged == "one_time" else life.end,
                "service_identifier": line.identifier,
            }
        )
