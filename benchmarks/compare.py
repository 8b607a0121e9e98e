"""Whether two lakes hold the same rows: the pipeline's and that of hand_written.py.

Files are named and cut differently on either side; what counts is columns, types and rows.

    python benchmarks/compare.py LAKE OTHER_LAKE
"""

import argparse
import json
from pathlib import Path

import duckdb

# What comes in, what is made of each event, and what is billed; reference tables and run keeping aside.
COMPARED = (
    "raw_usage", "rejected_raw_usage", "udrs", "rejected_udrs", "rated_items", "unrated_udrs", "bundle_counters",
    "bundle_items", "fee_items", "discount_items", "charge_items", "tax_items", "billed_items", "invoice_lines",
    "invoices",
)  # fmt: skip


def differences(lake: Path, other: Path) -> dict[str, str]:
    """The tables that differ, each with how; no table when the lakes are equal."""
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    # rows of millions of records are compared on disk
    connection.execute("SET memory_limit = '2GB'")
    found = {}
    for name in COMPARED:
        sides = [_files(folder, name) for folder in (lake, other)]
        tables = [f"read_parquet({files}, hive_partitioning = false)" for files in sides if files]
        # A table without rows may have no file.
        difference = _difference(connection, *tables) if len(tables) == 2 else _rows(connection, tables)
        if difference:
            found[name] = difference
    connection.close()
    return found


def _files(lake: Path, name: str) -> list[str]:
    single = lake / f"{name}.parquet"
    return [str(single)] if single.is_file() else sorted(str(path) for path in (lake / name).rglob("*.parquet"))


def _rows(connection: duckdb.DuckDBPyConnection, tables: list[str]) -> str:
    count = sum(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables)
    return f"{count} rows on one side only" if count else ""


def _difference(connection: duckdb.DuckDBPyConnection, one: str, two: str) -> str:
    left, right = (
        {(row[0], row[1]) for row in connection.execute(f"DESCRIBE FROM {side}").fetchall()} for side in (one, two)
    )
    if left != right:
        return f"columns {sorted(left ^ right)}"
    counts = [
        connection.execute(f"SELECT count(*) FROM (FROM {a} EXCEPT ALL FROM {b})").fetchone()[0]
        for a, b in ((one, two), (two, one))
    ]
    return f"{counts[0]} rows only in the first, {counts[1]} only in the second" if any(counts) else ""


def main():
    parser = argparse.ArgumentParser(description="Compare the rows of two lakes.")
    parser.add_argument("lake", type=Path)
    parser.add_argument("other", type=Path)
    options = parser.parse_args()
    print(json.dumps(differences(options.lake, options.other), indent=2))


if __name__ == "__main__":
    main()
