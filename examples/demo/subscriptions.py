"""Which customer orders what, and when: one function per line of business.

Everything that ran before the first month was taken over from an older system with that month; some
subscriptions start, end or change their plan in the middle of the months that follow.
"""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from demo.catalogue import KINDS, OFFERS, price_type
from demo.customers import Customer
from demo.days import DAY, next_month
from demo.dialling import subscriber_number
from demo.market import Market
from demo.orders import Life, Line, OrderBook

_WEIGHTS = (1, 2, 2, 3, 3, 4, 5, 7, 10)
_WELCOME_PERIOD = timedelta(days=60)


def order_book(billed: list[Customer], months: list[date], rng: Random) -> OrderBook:
    clerk = _Clerk(months, rng)
    for customer in billed:
        clerk.serve(customer)
    return clerk.book


class _Clerk:
    """Places the orders of one customer after the other."""

    def __init__(self, months: list[date], rng: Random):
        self.book = OrderBook()
        self._takeover = months[0]
        self._days = (next_month(months[-1]) - months[0]).days
        self._rng = rng
        self._subscriptions = 0
        self._subscribers: Counter[Market] = Counter()

    def serve(self, customer: Customer):
        if customer.is_enterprise:
            self._serve_enterprise(customer)
        else:
            self._serve_individual(customer)

    def _serve_individual(self, customer: Customer):
        lives_abroad = customer.residence.country != customer.residence.market.code
        if customer.is_vip or (not lives_abroad and self._chance(0.92)):
            self._order_mobile(customer)
        if customer.is_vip or lives_abroad or self._chance(0.4):
            self._order_cinema(customer)
        if lives_abroad or self._chance(0.15):
            self._order_books(customer)
        if customer.is_vip or (not lives_abroad and self._chance(0.2)):
            self._order_charging(customer)

    def _serve_enterprise(self, customer: Customer):
        self._quote_fleet_of_phones(customer)
        if not customer.is_branch and self._chance(0.5):
            self._quote_software(customer)
        if self._chance(0.4):
            self._quote_charging(customer)
        if not customer.is_branch and self._chance(0.5):
            self._sell_wallboxes(customer)

    def _order_mobile(self, customer: Customer):
        life = self._life(customer)
        offer = "MOBILE-VIP" if customer.is_vip else "MOBILE-PLUS" if self._chance(0.5) else "MOBILE-LIGHT"
        number = self._number(customer)
        upgrade = offer == "MOBILE-LIGHT" and life.end is None and self._chance(0.12)
        if not upgrade:
            self._accept(customer, life, offer, number)
            return
        change = self._day_within(life.start)
        self._accept(customer, replace(life, end=change), offer, number)
        self._accept(customer, Life(change - 2 * DAY, change, follows=life.start), "MOBILE-PLUS", number)

    def _accept(self, customer: Customer, life: Life, offer: str, identifier: str):
        """An offer as a subscription of its own, with the VIP's or the newcomer's discount."""
        order, subscription = self.book.new_order("web_shop"), self._subscription()
        self.book.accept_offer(order, customer, life, offer, self._offer_lines(offer, identifier, life), subscription)
        if customer.is_vip:
            self.book.discount(subscription, "SIGNATURE", life.start)
        elif self._is_new(life) and self._chance(0.5):
            self.book.discount(subscription, "WELCOME", life.start, life.start + _WELCOME_PERIOD)

    def _order_cinema(self, customer: Customer):
        self._accept(customer, self._life(customer), "CINEMA", f"OTT-{self._subscriptions:07d}")

    def _order_books(self, customer: Customer):
        """The library runs on days of its own, and its orders name no subscription."""
        line = Line("BOOKS", billing_day=31 if self._chance(0.3) else None)
        self.book.accept_offer(self.book.new_order("web_shop"), customer, self._life(customer), "BOOKS", [line])

    def _order_charging(self, customer: Customer):
        self._accept(customer, self._life(customer), "DRIVE", self._contract(customer))

    def _offer_lines(self, offer: str, identifier: str, life: Life) -> list[Line]:
        """What was taken over has paid its one-time fees; one usage line serves all products of a UDR type."""
        lines, served = [], set()
        for kind in OFFERS[offer][2]:
            charged, udr_type = price_type(kind), KINDS[kind].udr_type
            if charged == "usage" and udr_type not in served:
                lines.append(self._usage(kind, identifier))
                served.add(udr_type)
            elif charged == "recurring" or (charged == "one_time" and self._is_new(life)):
                lines.append(Line(kind))
        return lines

    def _quote_fleet_of_phones(self, customer: Customer):
        """One quote, a subscription per phone, and a frame discount for some."""
        order, life = self.book.new_order("cpq"), self._life(customer)
        price = Decimal("12.90") if self._chance(0.3) else None
        discounted = self._chance(0.3)
        for _ in range(1 + self._number_below(4)):
            number, subscription = self._number(customer), self._subscription()
            phone = [self._usage(kind, number) for kind in ("VOICE", "SMS", "DATA")]
            fee = Line("MOBILE-BUSINESS", price=price, billing_rule="in_advance")
            self.book.accept_quote(order, customer, life, "BUSINESS", [fee, *phone], subscription)
            if discounted:
                self.book.discount(subscription, "FRAME", life.start)

    def _quote_software(self, customer: Customer):
        """Seats are billed in arrears, onboarding and its expenses once."""
        life = self._life(customer)
        seats = Line("SAAS-SEAT", quantity=5 + self._number_below(60), billing_rule="in_arrears")
        calls = self._usage("API", f"API-{self._subscriptions:06d}")
        once = [Line("SAAS-SETUP"), Line("TRAVEL")] if self._is_new(life) else []
        self.book.accept_quote(
            self.book.new_order("cpq"), customer, life, "BUSINESS", [seats, *once, calls], self._subscription()
        )

    def _quote_charging(self, customer: Customer):
        order, life = self.book.new_order("cpq"), self._life(customer)
        for _ in range(1 + self._number_below(3)):
            contract = self._contract(customer)
            card = [Line("EV-CARD", price=Decimal("3.90")), *(self._usage(k, contract) for k in ("EV-AC", "EV-ROAM"))]
            self.book.accept_quote(order, customer, life, "BUSINESS", card, self._subscription())

    def _sell_wallboxes(self, customer: Customer):
        """Installed in the months themselves; maintenance is billed in arrears, on the 5th for some."""
        start = self._day_within(self._takeover)
        care = Line("WALLBOX-CARE", billing_rule="in_arrears", billing_day=5 if self._chance(0.5) else None)
        boxes = Line("WALLBOX", quantity=1 + self._number_below(6))
        life = Life(start - 20 * DAY, start)
        self.book.sell(self.book.new_order("erp"), customer, life, [boxes, care], self._subscription())

    def _life(self, customer: Customer) -> Life:
        """Most were taken over and go on; one in ten starts, and one in twelve ends, on some later day."""
        if customer.is_vip:
            return Life(self._takeover - 400 * DAY, self._takeover)
        if self._chance(0.1):
            start = self._day_within(self._takeover)
            ordered_on = start - 3 * DAY
        else:
            start = self._takeover
            ordered_on = start - (30 + self._number_below(700)) * DAY
        return Life(ordered_on, start, self._day_within(start) if self._chance(0.08) else None)

    def _day_within(self, start: date) -> date:
        """A day after the start, within the months, or the next one where there is none left."""
        left = self._days - (start - self._takeover).days
        return start + (1 + self._number_below(max(1, left - 1))) * DAY

    def _is_new(self, life: Life) -> bool:
        return life.follows is None and life.start > self._takeover

    def _usage(self, kind: str, identifier: str) -> Line:
        return Line(kind, identifier, _WEIGHTS[self._number_below(len(_WEIGHTS))])

    def _number(self, customer: Customer) -> str:
        market = customer.residence.market
        self._subscribers[market] += 1
        return subscriber_number(market, self._subscribers[market])

    def _contract(self, customer: Customer) -> str:
        return f"{customer.residence.market.code}-ORV-C{self._subscriptions:08d}"

    def _subscription(self) -> str:
        self._subscriptions += 1
        return f"S{self._subscriptions:07d}"

    def _chance(self, probability: float) -> bool:
        return self._rng.random() < probability

    def _number_below(self, limit: int) -> int:
        return int(self._rng.random() * limit)
