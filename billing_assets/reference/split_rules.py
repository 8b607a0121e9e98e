"""What makes a rate that splits events at the edges of time bands unusable (rules.py says how a rule works)."""

from collections.abc import Iterator

import ibis
import ibis.expr.types as ir

from billing_assets.pricing.rate_card import plan_chain
from billing_assets.reference.broken import Rule, broken, sentence, told
from billing_assets.reference.tables import DURATION, SECONDS_OF_UNIT


def split_rules(t: dict[str, ir.Table]) -> Iterator[Rule]:
    rates = t["rates"].filter(t["rates"].across_bands == "split")
    placed = rates.join(t["products"].select("product_id", "time_band_set", "udr_type"), "product_id")
    yield broken(placed, placed.time_band_set.isnull(), "across_bands", "is for products with a time_band_set")
    of_unit = t["udr_types"].filter(t["udr_types"].unit.isin(tuple(SECONDS_OF_UNIT))).select("udr_type")
    lasting = t["udr_type_attributes"].filter(t["udr_type_attributes"].attribute == DURATION).select("udr_type")
    endless = placed.anti_join(of_unit.union(lasting), "udr_type")
    words = f"is for usage in {', '.join(SECONDS_OF_UNIT)}, or with the attribute {DURATION}"
    yield broken(endless, ibis.literal(True), "across_bands", words)
    yield _not_linear(t)


def _not_linear(t: dict[str, ir.Table]) -> Rule:
    """Rates that may price a part of a split event, and are more than a price for each unit.

    The sum of the parts would then depend on where the event is cut.
    """
    chain = plan_chain(t["price_plans"]).select("card_plan", "rate_plan")
    rates = t["rates"].join(chain, t["rates"].price_plan_id == chain.rate_plan)
    splitting = rates.filter(rates.across_bands == "split").select(
        "card_plan", "product_id", split_rate="rate_id", split_zone="zone_id"
    )
    met = rates.join(splitting.view(), ["card_plan", "product_id"])
    met = met.filter(met.zone_id.isnull() | met.split_zone.isnull() | (met.zone_id == met.split_zone))
    tiered = t["rate_tiers"].select(tiered="rate_id").distinct()
    known = met.left_join(tiered, met.rate_id == tiered.tiered)
    other = known.filter(
        (known.rate_model != "flat")
        | (known.priced_by != "event")
        | (known.measure != "quantity")
        | (known.packages != "none")
        | (known.minimum_amount != 0)
        | known.maximum_amount.notnull()
        | known.tariff_id.notnull()
        | known.tiered.notnull()
    )
    words = ("may price a part of an event that rate", "splits, and is more than a price for each unit of an event")
    return told(other, sentence("rate", other.rate_id, words[0], other.split_rate, words[1]))
