"""Charging sessions rated by tariffs, for tests: many sessions, each by a tariff of its own, in one query."""

from collections.abc import Callable
from dataclasses import dataclass, field

import ibis
import ibis.expr.types as ir
from sample_rows import Row, tariff, tariff_component, tariff_element, udr

from billing_assets.rating import sessions
from billing_assets.rating.tables import RATED_ITEMS
from billing_assets.rating.tariff import rated
from billing_assets.reference.tables import TARIFF_COMPONENTS, TARIFF_ELEMENTS, TARIFFS
from billing_assets.reference.tariffs import tariff_borders, tariff_card
from billing_assets.usage.tables import UDRS

COMPONENT = ("element", "dimension", "price", "step_size", "tax_code")


@dataclass(frozen=True)
class Tariff:
    """Components (element, dimension, price, step size, tax code), restrictions by element, and price limits."""

    components: list[tuple]
    restrictions: dict[int, dict] = field(default_factory=dict)
    minimum: str | None = None
    maximum: str | None = None
    tax_included: bool = False

    def limits(self, name: str) -> Row:
        return tariff(tariff_id=name, minimum_amount=self.minimum, maximum_amount=self.maximum,
                      tax_included=self.tax_included)  # fmt: skip

    def elements(self, name: str) -> list[Row]:
        numbers = sorted({component[0] for component in self.components})
        return [tariff_element(tariff_id=name, element=n, **self.restrictions.get(n, {})) for n in numbers]

    def prices(self, name: str) -> list[Row]:
        named = (dict(zip(COMPONENT, component, strict=False)) for component in self.components)
        return [tariff_component(tariff_id=name, **component) for component in named]


def session(kwh: str = "0", at: str = "2026-01-14T12:00:00", **attributes: str) -> Row:
    """A UDR of a charging session."""
    return udr(quantity=kwh, unit="kWh", local_at=at, attributes=attributes)


Case = tuple[Tariff, Row]
Items = dict[str, list[Row]]


def rate_sessions(
    table: Callable[..., ir.Table], rows: Callable[[ir.Table], list[Row]], cases: dict[str, Case]
) -> Items:
    """The rated items of each case, by its name; none of a session that cannot be read."""
    elements = rows(table(TARIFF_ELEMENTS, *(row for name, (t, _) in cases.items() for row in t.elements(name))))
    prices = rows(table(TARIFF_COMPONENTS, *(row for name, (t, _) in cases.items() for row in t.prices(name))))
    found = _with_tariff(table(UDRS, *(event | {"udr_id": name} for name, (_, event) in cases.items())))
    periods = sessions.charging_periods(found)
    bad = sessions.unreadable(periods)
    cut = sessions.stretches(periods.anti_join(bad, sessions.SESSION), ibis.memtable(tariff_borders(elements)))
    card = ibis.memtable(tariff_card(elements, prices))
    limits = table(TARIFFS, *(t.limits(name) for name, (t, _) in cases.items()))
    made = rows(RATED_ITEMS.shape(rated(found.anti_join(bad, sessions.SESSION), cut, card, limits)))
    return {name: [item for item in made if item["udr_id"] == name] for name in cases}


def _with_tariff(events: ir.Table) -> ir.Table:
    """Events that have found a rate with a tariff of their own name."""
    missing = ("rate_plan", "zone_prefix", "zone_id", "time_band_id", "lookups")
    values = {"leg": "vendor_to_customer", "rate_id": "RATE", "rate_currency": "EUR"} | dict.fromkeys(missing)
    texts = {name: ibis.literal(value, "string") for name, value in values.items()}
    return events.mutate(tariff_id=events.udr_id, plan_version=ibis.null("int64"), **texts)
