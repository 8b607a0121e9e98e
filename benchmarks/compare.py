"""Whether two lakes hold the same rows: the pipeline's and that of hand_written.py.

Files are named and cut differently on either side; what counts is columns, types and rows.

    python benchmarks/compare.py LAKE OTHER_LAKE
"""

import argparse
import json
from pathlib import Path

import duckdb

# What the hand-written month leaves out: tables that steer runs, report on them, or are empty here.
ONLY_IN_PIPELINE = frozenset(
    {"currencies", "offers", "offer_products", "rejected_accounts", "udr_days", "rated_days", "cycle_report"}
)
# Why a record was refused is worded by each side as it likes.
UNCOMPARED_COLUMNS = {"rejected_orders": ("detail",), "rejected_discounts": ("detail",)}


def differences(lake: Path, other: Path) -> dict[str, str]:
    """The tables that differ, each with how; no table when the lakes are equal."""
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    found = {}
    for name in sorted({*_tables(lake), *_tables(other)} - ONLY_IN_PIPELINE):
        sides = [_files(folder, name) for folder in (lake, other)]
        tables = [f"read_parquet({files}, hive_partitioning = false)" for files in sides if files]
        # A table without rows may have no file.
        difference = _difference(connection, name, *tables) if len(tables) == 2 else _rows(connection, tables[0])
        if difference:
            found[name] = difference
    connection.close()
    return found


def _tables(lake: Path) -> set[str]:
    return {path.stem for path in lake.iterdir() if not path.name.startswith(".")}


def _files(lake: Path, name: str) -> list[str]:
    single = lake / f"{name}.parquet"
    return [str(single)] if single.is_file() else sorted(str(path) for path in (lake / name).rglob("*.parquet"))


def _rows(connection: duckdb.DuckDBPyConnection, table: str) -> str:
    count = connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
    return f"{count} rows on one side only" if count else ""


def _difference(connection: duckdb.DuckDBPyConnection, name: str, one: str, two: str) -> str:
    columns = [connection.execute(f"DESCRIBE FROM {side}").fetchall() for side in (one, two)]
    left, right = ([(row[0], row[1]) for row in side] for side in columns)
    if left != right:
        return f"columns {sorted(set(left) ^ set(right))}"
    chosen = "*" if name not in UNCOMPARED_COLUMNS else f"* EXCLUDE ({', '.join(UNCOMPARED_COLUMNS[name])})"
    counts = [
        connection.execute(f"SELECT count(*) FROM (SELECT {chosen} FROM {a} EXCEPT ALL SELECT {chosen} FROM {b})").fetchone()[0]
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
