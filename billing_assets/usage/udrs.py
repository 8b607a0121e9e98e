"""From raw usage to usage detail records: typed, in the unit of their type, each once, assigned.

The rules in their order: what the record itself says (typed), whether it was there before (repeated),
whose it is (assigned). The first rule that a record breaks gives its reason.
"""

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from billing_assets.exact import AMOUNT, QUANTITY, SOURCE_QUANTITY, exact_conversion, read_number
from billing_assets.item import digest
from billing_assets.reference.event_zones import known_zones, with_event_zone, zone
from billing_assets.reference.tables import IDENTITY_FIELDS, TIME_ZONE
from billing_assets.usage.mapping import iso_time

DUPLICATE = "DUPLICATE"
CONFLICT = "CONFLICT"
_NUMBER = r"^-?[0-9]*\.?[0-9]+([eE][-+]?[0-9]+)?$"
_FLAG = "^(true|false)$"
_DAY = r"^[1-9]\d{3}-\d\d-\d\d$"
_ORDER = ("load_day", "source_file", "source_line")


def typed_usage(
    raw: ir.Table, udr_types: ir.Table, unit_conversions: ir.Table, currencies: ir.Table,
    types: Sequence[dict], attributes: Sequence[dict],
) -> ir.Table:  # fmt: skip
    """Raw usage with quantity, prerated amount, udr_id and event_zone, and the reason why it is no UDR.

    `types` and `attributes` are the rows of udr_types and udr_type_attributes. Reasons: UNKNOWN_UDR_TYPE,
    MISSING_QUANTITY, INVALID_QUANTITY, QUANTITY_TOO_LARGE, NEGATIVE_QUANTITY, UNKNOWN_UNIT,
    MISSING_SERVICE_IDENTIFIER, INVALID_AMOUNT, UNKNOWN_CURRENCY, MISSING_ATTRIBUTE, INVALID_ATTRIBUTE.
    """
    known = udr_types.select(known_type="udr_type", type_unit="unit", allow_negative="allow_negative",
                             maximum_quantity="maximum_quantity")  # fmt: skip
    factors = unit_conversions.select("from_unit", "to_unit", "numerator", "denominator")
    money = currencies.select(known_currency="currency")
    found = raw.left_join(known, raw.udr_type == known.known_type)
    found = found.left_join(factors, [found.unit == factors.from_unit, found.type_unit == factors.to_unit])
    # converted before the next join: an engine computes a column below a join once, however often it is used
    units = _converted(found)
    converted = units.left_join(money, units.currency == money.known_currency)
    reasons = [
        (converted.type_unit.isnull(), "UNKNOWN_UDR_TYPE", converted.udr_type),
        (converted.service_identifier.isnull(), "MISSING_SERVICE_IDENTIFIER", ibis.null("string")),
        (converted.quantity.isnull(), "MISSING_QUANTITY", ibis.null("string")),
        (~converted.quantity.re_search(_NUMBER), "INVALID_QUANTITY", converted.quantity),
        (~converted.same_unit & converted.numerator.isnull(), "UNKNOWN_UNIT", converted.unit),
        (
            converted.units.isnull() | (converted.units.abs() > converted.maximum_quantity),
            "QUANTITY_TOO_LARGE",
            converted.quantity,
        ),
        ((converted.units < 0) & ~converted.allow_negative, "NEGATIVE_QUANTITY", converted.quantity),
        (
            converted.amount.notnull() & (converted.prerated_amount.isnull() | ~converted.amount.re_search(_NUMBER)),
            "INVALID_AMOUNT",
            converted.amount,
        ),
        (converted.amount.notnull() & converted.known_currency.isnull(), "UNKNOWN_CURRENCY", converted.currency),
        *_attribute_reasons(converted, attributes),
    ]
    nothing = (_is_plain(converted, attributes), ibis.null("string"))
    judged = converted.mutate(
        udr_id=_udr_id(converted, types),
        reason=_first([nothing, *((c, ibis.literal(r)) for c, r, _ in reasons)]),
        detail=_first([nothing, *((c, d) for c, _, d in reasons)]),
    )
    return with_event_zone(judged, attributes).drop(
        "known_type", "allow_negative", "maximum_quantity", "from_unit", "to_unit", "numerator", "denominator",
        "known_currency", "same_unit",
    )  # fmt: skip


def _is_plain(rows: ir.Table, attributes: Sequence[dict]) -> ir.BooleanValue:
    """Whether no rule can find anything wrong with a record: most of them, told at once."""
    ruled = sorted({rule["udr_type"] for rule in attributes})
    plain = (
        rows.service_identifier.notnull()
        & rows.quantity.re_search(_NUMBER)
        & (rows.units <= rows.maximum_quantity)
        & (rows.units >= 0)
        & rows.amount.isnull()
    )
    return plain & ~rows.udr_type.isin(ruled) if ruled else plain


def _converted(found: ir.Table) -> ir.Table:
    # a record that gives no unit is in the unit of its type
    same = found.unit.isnull() | (found.unit == found.type_unit)
    converted = exact_conversion(read_number(found.quantity, SOURCE_QUANTITY), found.numerator, found.denominator)
    return found.mutate(
        same_unit=same,
        units=ibis.ifelse(same, read_number(found.quantity, QUANTITY), converted),
        prerated_amount=read_number(found.amount, AMOUNT),
    )


def _udr_id(rows: ir.Table, types: Sequence[dict]) -> ir.StringValue:
    branches = []
    for row in types:
        fields = row["identity_fields"].split("|")
        values = [_identity(rows, field) for field in fields]
        branches.append((rows.udr_type == row["udr_type"], digest(rows.udr_type, *values)))
    return ibis.cases(*branches, else_=ibis.null("string")) if branches else ibis.null("string")


def _identity(rows: ir.Table, field: str) -> ir.Value:
    if field == "quantity":
        return rows.units
    return rows[field] if field in IDENTITY_FIELDS else rows.attributes.get(field)


def _attribute_reasons(rows: ir.Table, attributes: Sequence[dict]) -> list:
    reasons = []
    for rule in attributes:
        applies = rows.udr_type == rule["udr_type"]
        value = rows.attributes.get(rule["attribute"])
        shown = ibis.literal(f"{rule['attribute']} ") + ibis.coalesce(value, ibis.literal(""))
        if rule["mandatory"]:
            reasons.append((applies & value.isnull(), "MISSING_ATTRIBUTE", ibis.literal(rule["attribute"])))
        if rule["attribute_type"] != "text":
            wrong = value.notnull() & ~_is_of_type(value, rule["attribute_type"])
            reasons.append((applies & wrong, "INVALID_ATTRIBUTE", shown))
        if rule["allowed_values"]:
            wrong = value.notnull() & ~value.isin(rule["allowed_values"].split("|"))
            reasons.append((applies & wrong, "INVALID_ATTRIBUTE", shown))
    return reasons


def _is_of_type(value: ir.StringValue, attribute_type: str) -> ir.BooleanValue:
    if attribute_type == "timestamp":
        local, exact = iso_time(value)
        return local.notnull() | exact.notnull()
    if attribute_type == TIME_ZONE:
        return value.isin(known_zones())
    if attribute_type == "day":
        return value.re_search(_DAY) & value.try_cast("date").notnull()
    return value.re_search({"number": _NUMBER, "flag": _FLAG}[attribute_type])


def repeated(typed: ir.Table) -> ir.Table:
    """The records that were there before on their event day: same udr_id, later by load day, file and line.

    Same measures are a DUPLICATE, others a CONFLICT. Columns: the record's place, reason, duplicate_of.
    Only ids that occur more than once are put in order.
    """
    valid = typed.filter(typed.reason.isnull())
    ids = valid.group_by("event_day", "udr_id").aggregate(times=valid.count())
    several = valid.semi_join(ids.filter(ids.times > 1), ["event_day", "udr_id"])
    window = ibis.window(group_by=[several.event_day, several.udr_id], order_by=[several[c] for c in _ORDER])
    place = several.source_file + ibis.literal(":") + several.source_line.cast("string")
    measures = digest(several.units, several.prerated_amount, several.currency)
    ranked = several.mutate(
        position=ibis.row_number().over(window),
        duplicate_of=place.first().over(window),
        same=measures == measures.first().over(window),
    )
    later = ranked.filter(ranked.position > 0)
    return later.select(
        later_file="source_file",
        later_line="source_line",
        later_reason=ibis.ifelse(later.same, DUPLICATE, CONFLICT),
        duplicate_of="duplicate_of",
    )


def judged_usage(
    typed: ir.Table, later: ir.Table, services: ir.Table, products: ir.Table, utc_offsets: ir.Table
) -> ir.Table:
    """Typed usage joined to what was there before, to its service, product and local time.

    Adds service columns, local_at, and the reason, which is NULL for a valid UDR; `unassigned` records
    get their reason from `unassigned_usage`.
    """
    marked = typed.left_join(later, [typed.source_file == later.later_file, typed.source_line == later.later_line])
    marked = marked.mutate(reason=ibis.coalesce(marked.reason, marked.later_reason))
    s = services.select(
        "subscription_id", "price_plan_id", "payer_account_id", "start_at", "end_at", "time_zone",
        known_service="service_identifier", service_type="udr_type", service_product="product_id",
        service_account_id="account_id",
    )  # fmt: skip
    assigned = marked.left_join(
        s,
        [
            marked.service_identifier == s.known_service,
            marked.udr_type == s.service_type,
            marked.started_at >= s.start_at,
            marked.started_at < ibis.coalesce(s.end_at, ibis.timestamp("9999-12-31 00:00:00")),
        ],
    ).mutate(product=ibis.coalesce(ibis._.product_id, ibis._.service_product))
    p = products.select(known_product="product_id", product_udr_type="udr_type")
    offered = assigned.left_join(p, [assigned.product == p.known_product, assigned.udr_type == p.product_udr_type])
    offered = offered.mutate(local_zone=zone(offered, "time_zone"))
    o = utc_offsets.select("from_at", "to_at", "offset_seconds", offset_zone="time_zone", offset_day="utc_day")
    timed = offered.left_join(
        o,
        [
            offered.local_zone == o.offset_zone,
            offered.started_at.date() == o.offset_day,
            offered.started_at >= o.from_at,
            offered.started_at < o.to_at,
        ],
    )
    unknown_product = timed.known_service.notnull() & timed.known_product.isnull()
    return timed.mutate(
        local_at=timed.started_at + timed.offset_seconds.as_interval("s"),
        unassigned=timed.reason.isnull() & timed.known_service.isnull(),
        detail=ibis.ifelse(timed.reason.isnull() & unknown_product, timed.product, timed.detail),
        reason=ibis.ifelse(timed.reason.isnull() & unknown_product, ibis.literal("UNKNOWN_PRODUCT"), timed.reason),
    )


def valid_udrs(judged: ir.Table) -> ir.Table:
    """The usage detail records of judged usage."""
    valid = judged.filter(judged.reason.isnull(), ~judged.unassigned)
    return valid.mutate(
        quantity=valid.units,
        unit=valid.type_unit,
        product_id=valid.product,
        prerated_currency=ibis.ifelse(valid.prerated_amount.isnull(), ibis.null("string"), valid.currency),
    )


def rejected_usage(judged: ir.Table, services: ir.Table) -> ir.Table:
    """The rejected records of judged usage.

    Reasons of their own: UNKNOWN_SERVICE (nobody has the identifier for this type of usage),
    OUTSIDE_SUBSCRIPTION (somebody has, but not at that time).
    """
    known = services.select(known_identifier="service_identifier", known_type="udr_type").distinct()
    bad = judged.filter(judged.reason.notnull() | judged.unassigned)
    named = bad.left_join(known, [bad.service_identifier == known.known_identifier, bad.udr_type == known.known_type])
    missing = ibis.ifelse(named.known_identifier.isnull(), "UNKNOWN_SERVICE", "OUTSIDE_SUBSCRIPTION")
    return named.mutate(
        reason=ibis.coalesce(named.reason, missing),
        detail=ibis.ifelse(named.unassigned, named.service_identifier, named.detail),
    )


def _first(branches: list) -> ir.StringValue:
    return ibis.cases(*branches, else_=ibis.null("string"))
