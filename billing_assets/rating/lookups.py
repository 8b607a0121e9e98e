"""Lookups: one attribute of an event turned into another, by exact key, longest prefix or range, and on again.

A result becomes an attribute of the event, which a later lookup, a rate's conditions or its measure may
use. What a lookup does not know has no result.
"""

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from billing_assets.exact import QUANTITY, read_number


def with_lookups(events: ir.Table, product_lookups: Sequence[dict], lookups: Sequence[dict]) -> ir.Table:
    """Events with the results of their product's lookups among their attributes, and `lookups` in words.

    `product_lookups` and `lookups` are rows of the tables of these names.
    """
    found = events.mutate(lookups=ibis.null("string"))
    steps: dict[tuple, list[str]] = {}
    for row in sorted(product_lookups, key=lambda row: (row["place"], row["attribute"], row["lookup_id"])):
        step = (row["place"], row["lookup_id"], row["from_attribute"], row["attribute"])
        steps.setdefault(step, []).append(row["product_id"])
    for (_, lookup_id, source, attribute), products in steps.items():
        value = found.destination if source == "destination" else found.attributes.get(source)
        asked = found.mutate(asked=ibis.ifelse(found.product_id.isin(products), value, ibis.null("string")))
        answered = _answered(asked, [row for row in lookups if row["lookup_id"] == lookup_id])
        words = ibis.literal(f"{attribute} ") + answered.answer
        together = ibis.coalesce(answered.lookups + ibis.literal(", ") + words, words, answered.lookups)
        merged = answered.attributes.cast("map<string, string>") + ibis.map(
            ibis.array([attribute]), ibis.array([answered.answer])
        )
        found = answered.mutate(
            attributes=ibis.ifelse(answered.answer.isnull(), answered.attributes, merged), lookups=together
        ).drop("asked", "answer")
    return found


def _answered(asked: ir.Table, rows: Sequence[dict]) -> ir.Table:
    if rows[0]["match"] == "range":
        return _by_range(asked, rows)
    if rows[0]["match"] == "exact":
        return _by_lengths(asked, rows, [None])
    return _by_lengths(asked, rows, sorted({len(row["lookup_key"]) for row in rows}, reverse=True))


def _by_lengths(asked: ir.Table, rows: Sequence[dict], lengths: Sequence[int | None]) -> ir.Table:
    """The result of the longest prefix of a length; None stands for the whole value."""
    found, answers = asked, []
    for length in lengths:
        keys = [(row["lookup_key"], row["result"]) for row in rows if length in (None, len(row["lookup_key"]))]
        known = ibis.memtable(keys, schema={f"key_{length}": "string", f"result_{length}": "string"})
        value = found.asked if length is None else found.asked.substr(0, length)
        found = found.left_join(known, value == known[f"key_{length}"])
        answers.append(f"result_{length}")
    return found.select(*asked.columns, answer=ibis.coalesce(*(found[name] for name in answers)))


def _by_range(asked: ir.Table, rows: Sequence[dict]) -> ir.Table:
    texts = [(row["lookup_key"], row["key_to"], row["result"]) for row in rows]
    known = ibis.memtable(texts, schema={"from_text": "string", "to_text": "string", "answer": "string"})
    ranges = known.select(
        "answer", range_from=read_number(known.from_text, QUANTITY), range_to=read_number(known.to_text, QUANTITY)
    )
    numbered = asked.mutate(number=read_number(asked.asked, QUANTITY))
    found = numbered.left_join(
        ranges,
        [
            numbered.number >= ranges.range_from,
            ranges.range_to.isnull() | (numbered.number < ranges.range_to),
        ],
    )
    return found.select(*asked.columns, "answer")
