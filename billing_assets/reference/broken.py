"""Rules of which rows may not be: each says which, and has the sentence that tells of one."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir

_PLACE = ("source_file", "source_line")


class Rule(NamedTuple):
    """The rows for which a condition holds break it; the sentence says what is wrong with one."""

    rows: ir.Table
    condition: ir.BooleanValue
    sentence: ir.StringValue


def problems(rules: Iterable[Rule]) -> Iterator[ir.Table]:
    """The rows that break a rule, each with the sentence of the first that it breaks (`problem`).

    Rules about the same rows are asked at once.
    """
    about: dict[ops.Relation, list[Rule]] = {}
    for rule in rules:
        about.setdefault(rule.rows.op(), []).append(rule)
    for same in about.values():
        first = ibis.cases(*((rule.condition, rule.sentence) for rule in same), else_=ibis.null("string"))
        told = same[0].rows.select(*_PLACE, problem=first)
        yield told.filter(told.problem.notnull())


def sentence(*parts: ir.Value | str) -> ir.StringValue:
    words = [
        ibis.literal(p) if isinstance(p, str) else ibis.literal("'") + _shown(p) + ibis.literal("'") for p in parts
    ]
    return ibis.literal(" ").join(words)


def _shown(value: ir.Value, nothing: str = "") -> ir.StringValue:
    return ibis.coalesce(value.cast("string"), ibis.literal(nothing))


def told(rows: ir.Table, sentence: ir.StringValue) -> Rule:
    """Rows none of which may be."""
    return Rule(rows, ibis.literal(True), sentence)


def broken(rows: ir.Table, condition: ir.BooleanValue, column: str, words: str) -> Rule:
    return Rule(rows, condition, sentence(column, rows[column], words))


def outside(rows: ir.Table, column: str, lowest: int, highest: int) -> Rule:
    value = rows[column]
    return broken(rows, (value < lowest) | (value > highest), column, f"is not between {lowest} and {highest}")


def unknown(rows: ir.Table, column: str, target: ir.Table, key: str | None = None, noun: str = "") -> Rule:
    known = target.select(known=target[key or column])
    given = rows.filter(rows[column].notnull()).select(*_PLACE, column)
    missing = given.anti_join(known, given[column] == known.known)
    return told(missing, sentence(column, missing[column], f"is no known {noun or column}"))


def unknown_in_set(rows: ir.Table, column: str, set_column: str, target: ir.Table) -> Rule:
    known = target.select(known_set=target[set_column], known=target[column])
    given = rows.filter(rows[column].notnull()).select(*_PLACE, "product_id", set_column, column)
    missing = given.anti_join(known, [given[set_column] == known.known_set, given[column] == known.known])
    words = f"is not in the {set_column} of product"
    return told(missing, sentence(column, missing[column], words, missing.product_id))


def validity(rows: ir.Table, *group: str) -> Iterator[Rule]:
    yield broken(rows, rows.valid_to <= rows.valid_from, "valid_to", "is not after valid_from")
    if not group:
        return
    given = rows.select(*_PLACE, "valid_from", "valid_to", *group)
    other = given.view()
    same = [given[g].fill_null("") == other[g].fill_null("") if given[g].type().is_string() else given[g] == other[g]
            for g in group]  # fmt: skip
    pairs = given.join(
        other,
        [
            *same,
            given.source_line > other.source_line,
            given.valid_from < other.valid_to,
            other.valid_from < given.valid_to,
        ],
        rname="other_{name}",
    )
    named = ibis.literal(" ").join([ibis.literal(g + " ") + _shown(pairs[g], "any") for g in group])
    overlap = ibis.literal("its validity overlaps that of line ") + pairs.other_source_line.cast("string")
    yield told(pairs, overlap + ibis.literal(" for ") + named)


def each(rows: ir.Table, column: str, name: str) -> ir.Table:
    """A row for each of the values that a column separates by a vertical bar."""
    return rows.mutate(**{name: rows[column].split("|").unnest()})
