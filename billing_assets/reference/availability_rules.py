"""What makes availability windows unusable: windows of nothing, days in the wrong order, segments that nobody knows."""

from collections.abc import Iterator
from itertools import combinations

import ibis.expr.types as ir

from billing_assets.reference.broken import Rule, broken, each, unknown

_DAYS = ("limited_from", "general_from", "end_of_sale", "end_of_subscription")


def availability_rules(t: dict[str, ir.Table]) -> Iterator[Rule]:
    windows = t["availability_windows"]
    for object_type in ("catalogue", "product", "offer"):
        of_type = windows.filter(windows.object_type == object_type)
        yield unknown(of_type, "object_id", t[f"{object_type}s"], f"{object_type}_id", object_type)
    for earlier, later in combinations(_DAYS, 2):
        yield broken(windows, windows[later] < windows[earlier], later, f"is before {earlier}")
    halved = windows.limited_from.isnull() != windows.limited_to_segments.isnull()
    yield broken(windows, halved, "limited_from", "and limited_to_segments go together")
    segments = each(windows, "limited_to_segments", "segment_id")
    yield unknown(segments, "segment_id", t["segments"])
