"""What makes conditions of price plans unusable: fields that nothing has, values that cannot be."""

from collections.abc import Iterator

import ibis
import ibis.expr.types as ir

from billing_assets.reference.broken import Rule, broken, each, unknown
from billing_assets.reference.tables import ORDER_DAYS, PLAN_FIELDS, PRODUCT_ATTRIBUTE, STRETCH

_DAY = r"([0-9]{4}-[0-9]{2}-[0-9]{2})?"


def condition_rules(t: dict[str, ir.Table]) -> Iterator[Rule]:
    yield unknown(t["product_attributes"], "product_id", t["products"])
    plans, conditions = t["price_plans"], t["price_plan_conditions"]
    conditional = plans.filter(plans.plan_type == "conditional")
    yield unknown(conditions, "price_plan_id", conditional, "price_plan_id", "conditional plan")
    of_attribute = conditions.field.startswith(PRODUCT_ATTRIBUTE)
    words = f"is none of {', '.join(PLAN_FIELDS)}, and no {PRODUCT_ATTRIBUTE}NAME"
    yield broken(conditions, ~of_attribute & ~conditions.field.isin(PLAN_FIELDS), "field", words)
    named = conditions.filter(of_attribute)
    named = named.mutate(attribute=named.field.substr(len(PRODUCT_ATTRIBUTE)))
    yield unknown(named, "attribute", t["product_attributes"], "attribute", "attribute of a product")
    for field, target in (("segment", "segments"), ("product_id", "products")):
        key = f"{target[:-1]}_id"
        yield unknown(each(conditions.filter(conditions.field == field), "allowed_values", key), key, t[target])
    days = each(conditions.filter(conditions.field.isin(ORDER_DAYS)), "allowed_values", "days")
    begin, end = (ibis.coalesce(days.days.split(STRETCH)[n], "") for n in (0, 1))
    is_day = [(text == "") | text.try_cast("date").notnull() for text in (begin, end)]
    formed = days.days.re_search(f"^{_DAY}{STRETCH.replace('.', '[.]')}{_DAY}$") & is_day[0] & is_day[1]
    yield broken(days, ~formed, "days", f"is no stretch of days YYYY-MM-DD{STRETCH}YYYY-MM-DD")
    yield broken(days, (end != "") & (end <= begin), "days", "ends before it begins")
