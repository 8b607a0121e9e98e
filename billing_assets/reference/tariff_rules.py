"""What makes tariffs, and the rates that refer to them, unusable (rules.py says how a rule works)."""

from collections.abc import Iterator

import ibis.expr.types as ir

from billing_assets.reference.broken import Rule, broken, outside, sentence, told, unknown
from billing_assets.reference.tariffs import ENERGY_UNIT

Tables = dict[str, ir.Table]
# The steps of a tariff, in Wh or seconds, that have room there in kWh or seconds, too.
MOST_STEP = 1_000_000


def tariff_rules(t: Tables) -> Iterator[Rule]:
    tariffs, elements, components = t["tariffs"], t["tariff_elements"], t["tariff_components"]
    key = ("tariff_id", "element")
    yield unknown(tariffs, "currency", t["currencies"])
    yield from _limits(tariffs, "minimum_amount", "maximum_amount", may_be_equal=True)
    bare = tariffs.anti_join(elements, "tariff_id")
    yield told(bare, sentence("tariff", bare.tariff_id, "has no element"))
    empty = elements.anti_join(components, key)
    yield told(empty, sentence("element", empty.element, "of tariff", empty.tariff_id, "has no component"))
    yield unknown(elements, "tariff_id", tariffs)
    yield broken(elements, elements.end_date <= elements.start_date, "end_date", "is not after start_date")
    for measure in ("kwh", "power", "duration"):
        yield from _limits(elements, f"min_{measure}", f"max_{measure}")
    lost = components.anti_join(elements, key)
    yield told(lost, sentence("element", lost.element, "of tariff", lost.tariff_id, "is no known element"))
    yield broken(components, components.price < 0, "price", "is below 0")
    yield outside(components, "step_size", 0, MOST_STEP)
    yield unknown(components, "tax_code", t["tax_codes"])
    of_reservation = components.semi_join(elements.filter(elements.reservation.notnull()), key)
    other = ~of_reservation.dimension.isin(("time", "flat"))
    yield broken(of_reservation, other, "dimension", "of a reservation is neither time nor flat")
    yield from _rate_rules(t)


def _rate_rules(t: Tables) -> Iterator[Rule]:
    """A rate with a tariff has no price of its own, and prices sessions in kWh in the currency of its plan."""
    rates = t["rates"].filter(t["rates"].tariff_id.notnull())
    for column in ("unit_price", "setup_fee", "minimum_amount", "minimum_quantity", "increment"):
        yield broken(rates, rates[column] != 0, column, "is a price beside tariff_id")
    for column in ("maximum_amount", "monthly_minimum", "monthly_maximum"):
        yield broken(rates, rates[column].notnull(), column, "is a price beside tariff_id")
    yield broken(rates, rates.priced_by != "event", "priced_by", "is not that of a rate with tariff_id: event")
    tiered = rates.semi_join(t["rate_tiers"], "rate_id")
    yield told(tiered, sentence("rate", tiered.rate_id, "has tiers beside tariff_id"))
    plans = t["price_plans"].select("price_plan_id", plan_currency="currency")
    tariffs = t["tariffs"].select("tariff_id", tariff_currency="currency")
    priced = rates.join(plans, "price_plan_id").join(tariffs, "tariff_id")
    other = priced.filter(priced.tariff_currency != priced.plan_currency)
    words = ("tariff", other.tariff_id, "is in", other.tariff_currency, "and its plan in", other.plan_currency)
    yield told(other, sentence(*words))
    in_kwh = t["products"].semi_join(t["udr_types"].filter(t["udr_types"].unit == ENERGY_UNIT), "udr_type")
    yield unknown(rates, "product_id", in_kwh, noun=f"product whose usage is in {ENERGY_UNIT}")


def _limits(rows: ir.Table, lowest: str, highest: str, may_be_equal: bool = False) -> Iterator[Rule]:
    for column in (lowest, highest):
        yield broken(rows, rows[column] < 0, column, "is below 0")
    if may_be_equal:
        yield broken(rows, rows[lowest] > rows[highest], lowest, f"is above {highest}")
    else:
        yield broken(rows, rows[lowest] >= rows[highest], lowest, f"is not below {highest}")
