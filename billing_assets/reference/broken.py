"""Rows that break a rule, each with the sentence that says so (`problem`)."""

from collections.abc import Iterator

import ibis
import ibis.expr.types as ir


def sentence(*parts: ir.Value | str) -> ir.StringValue:
    words = [
        ibis.literal(p) if isinstance(p, str) else ibis.literal("'") + p.cast("string") + ibis.literal("'")
        for p in parts
    ]
    return ibis.literal(" ").join(words)


def broken(rows: ir.Table, condition: ir.BooleanValue, column: str, words: str) -> ir.Table:
    shown = ibis.coalesce(rows[column].cast("string"), ibis.literal(""))
    return rows.filter(condition).mutate(problem=sentence(column, shown, words))


def outside(rows: ir.Table, column: str, lowest: int, highest: int) -> ir.Table:
    value = rows[column]
    return broken(rows, (value < lowest) | (value > highest), column, f"is not between {lowest} and {highest}")


def unknown(rows: ir.Table, column: str, target: ir.Table, key: str | None = None, noun: str = "") -> ir.Table:
    known = target.select(known=target[key or column]).distinct()
    missing = rows.filter(rows[column].notnull()).anti_join(known, rows[column] == known.known)
    return missing.mutate(problem=sentence(column, missing[column], f"is no known {noun or column}"))


def unknown_in_set(rows: ir.Table, column: str, set_column: str, target: ir.Table) -> ir.Table:
    known = target.select(known_set=target[set_column], known=target[column]).distinct()
    missing = rows.filter(rows[column].notnull()).anti_join(
        known, [rows[set_column] == known.known_set, rows[column] == known.known]
    )
    return missing.mutate(
        problem=sentence(column, missing[column], f"is not in the {set_column} of product", missing.product_id)
    )


def validity(rows: ir.Table, *group: str) -> Iterator[ir.Table]:
    yield broken(rows, rows.valid_to <= rows.valid_from, "valid_to", "is not after valid_from")
    if not group:
        return
    other = rows.view()
    same = [rows[g].fill_null("") == other[g].fill_null("") if rows[g].type().is_string() else rows[g] == other[g]
            for g in group]  # fmt: skip
    pairs = rows.join(
        other,
        [
            *same,
            rows.source_line > other.source_line,
            rows.valid_from < other.valid_to,
            other.valid_from < rows.valid_to,
        ],
        rname="other_{name}",
    )
    named = ibis.literal(" ").join(
        [ibis.literal(g + " ") + ibis.coalesce(pairs[g].cast("string"), ibis.literal("any")) for g in group]
    )
    yield pairs.mutate(
        problem=ibis.literal("its validity overlaps that of line ")
        + pairs.other_source_line.cast("string")
        + ibis.literal(" for ")
        + named
    )


def each(rows: ir.Table, column: str, name: str) -> ir.Table:
    """A row for each of the values that a column separates by a vertical bar."""
    return rows.mutate(**{name: rows[column].split("|").unnest()})
