"""Scenarios put together into one company, so that an engine that takes its time to start bills them all at once.

What identifies a thing gets the name of its scenario in front; everything else stays as it is.
"""

import csv
import json
import shutil
import tomllib
from collections.abc import Iterable
from pathlib import Path

_NAMES = ("udr_type", "udr_types", "tax_code", "zone_set", "time_band_set")


def put_together(scenarios: Iterable[Path], inputs: Path, first_month: str) -> Path:
    """Write the inputs of a company that has those of every scenario, what arrives later included."""
    tables: dict[str, list[dict]] = {}
    sources: dict[str, dict] = {}
    for folder in scenarios:
        for path in sorted((folder / "inputs").glob("*.csv")):
            rows = tables.setdefault(path.stem, [])
            # cycles and units that scenarios have in common
            rows += [row for row in _named(path, folder.name) if row not in rows]
        settings = tomllib.loads((folder / "inputs" / "billing.toml").read_text())
        for source, given in settings.get("usage", {}).items():
            sources[f"{folder.name}_{source}"] = given
            given["constants"] = _prefixed(given.get("constants", {}), folder.name)
            for arrived in ("inputs", "later"):
                for path in (folder / arrived / "usage" / source).rglob("*.csv"):
                    relative = path.relative_to(folder / arrived / "usage" / source)
                    _usage(path, inputs / "usage" / f"{folder.name}_{source}" / relative, given, folder.name)
    for name, rows in tables.items():
        _write(inputs / f"{name}.csv", rows)
    toml = [f"first_month = {json.dumps(first_month)}", *(_section(name, given) for name, given in sources.items())]
    (inputs / "billing.toml").write_text("\n\n".join(toml))
    return inputs


def _named(path: Path, scenario: str) -> list[dict]:
    with path.open(newline="") as stream:
        return [_prefixed(row, scenario) for row in csv.DictReader(stream)]


def _prefixed(row: dict[str, str], scenario: str) -> dict[str, str]:
    named = {c for c, value in row.items() if value and (c.endswith("_id") or c in _NAMES)}
    field = row.get("field", "")
    if field.endswith("_id") or field in _NAMES:
        named.add("allowed_values")
    return {
        column: "|".join(f"{scenario}.{one}" for one in value.split("|")) if column in named else value
        for column, value in row.items()
    }


def _usage(path: Path, target: Path, source: dict, scenario: str) -> None:
    """A usage file, whose columns of types and products name those of the scenario."""
    named = {source["columns"][field] for field in ("udr_type", "product_id") if field in source["columns"]}
    target.parent.mkdir(parents=True, exist_ok=True)
    if not named:
        shutil.copy(path, target)
        return
    with path.open(newline="") as stream:
        reader = csv.DictReader(stream, delimiter=source.get("delimiter", ","))
        rows = [{c: f"{scenario}.{v}" if c in named and v else v for c, v in row.items()} for row in reader]
    _write(target, rows, source.get("delimiter", ","))


def _write(path: Path, rows: list[dict], delimiter: str = ",") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as stream:
        columns = list(dict.fromkeys(column for row in rows for column in row))
        writer = csv.DictWriter(stream, columns, restval="", delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)


def _section(name: str, given: dict) -> str:
    return "\n".join([f"[usage.{name}]", *(f"{key} = {_toml(value)}" for key, value in given.items())])


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {_toml(inner)}" for key, inner in value.items()) + "}"
    return json.dumps(value)
