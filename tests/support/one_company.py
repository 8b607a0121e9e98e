"""Scenarios put together into one company, so that a run bills them all at once.

What identifies a thing gets the name of its scenario in front; everything else stays as it is.
"""

import csv
import json
import shutil
import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path

from tests_support import bill_inputs, post

from resources.engine import EngineResource

# Fields of conditions whose values are names, as those that end with `_id`.
_FIELDS = ("segment", "udr_type")
_NAMES = (
    "udr_type", "udr_types", "tax_code", "zone_set", "time_band_set", "service_identifier", "limited_to_segments",
)  # fmt: skip
# An id whose form is judged.
_NO_NAMES = ("vat_id",)


def companies(scenarios: Iterable[Path]) -> dict[str, list[Path]]:
    """The scenarios by company: those of a first month together.

    Alone is one with a global plan, which is for all, and one of which months are posted or something arrives later: it
    is billed twice.
    """
    found: dict[str, list[Path]] = {}
    for folder in scenarios:
        month = _settings(folder)["first_month"]
        plans = folder / "inputs" / "price_plans.csv"
        is_for_all = plans.exists() and "global" in {row.get("plan_type") for row in _rows(plans)}
        alone = is_for_all or (folder / "later").is_dir() or (folder / "posted.csv").is_file()
        found.setdefault(f"{month}-{folder.name}" if alone else month, []).append(folder)
    return found


class OneCompany:
    """The inputs of a company that has those of every scenario."""

    def __init__(self, scenarios: Sequence[Path], inputs: Path):
        self.scenarios = scenarios
        self.inputs = inputs
        self.first_month = _settings(scenarios[0])["first_month"]
        self.arrived = ("inputs",)
        self._lines: dict[tuple[str, str], tuple[str, str]] = {}
        self._write()

    @property
    def has_later(self) -> bool:
        """Whether something arrives after the months were billed once."""
        return any((folder / "later").is_dir() for folder in self.scenarios)

    @property
    def posted(self) -> list[str]:
        """The months that are posted before the rest arrives."""
        files = (folder / "posted.csv" for folder in self.scenarios)
        return sorted({row["month"] for path in files if path.is_file() for row in _rows(path)})

    def let_the_rest_arrive(self) -> None:
        """Write what arrives later, too."""
        self.arrived = ("inputs", "later")
        self._write()

    def own(self, row: dict[str, str], scenario: str) -> dict[str, str] | None:
        """A row of the lake, as text, with the names and lines of a scenario; None when it is another's."""
        file, line = self._lines.get((row.get("source_file", ""), row.get("source_line", "")), (None, None))
        named = {c: self._unprefixed(value, scenario) for c, value in row.items()}
        if named == row and file != scenario:
            return None
        return named | ({"source_line": line} if file == scenario else {})

    def _unprefixed(self, value: str, scenario: str) -> str:
        bare = value.replace(f"{scenario}~", "").replace(f"usage/{scenario}_", "usage/")
        return bare.removeprefix(f"{scenario}_")

    def _write(self) -> None:
        tables: dict[str, list[dict]] = {}
        columns: dict[str, dict[str, None]] = {}
        sources: dict[str, dict] = {}
        for folder in self.scenarios:
            for path in self._tables(folder):
                rows = tables.setdefault(path.stem, [])
                columns.setdefault(path.stem, {}).update(dict.fromkeys(_header(path)))
                for line, given in enumerate(_rows(path), start=2):
                    row = _prefixed(given, folder.name)
                    # cycles and units that scenarios have in common
                    if row not in rows:
                        rows.append(row)
                        self._lines[path.name, str(len(rows) + 1)] = folder.name, str(line)
            for source, given in _settings(folder).get("usage", {}).items():
                sources[f"{folder.name}_{source}"] = given
                given["constants"] = _prefixed(given.get("constants", {}), folder.name)
                for arrived in self.arrived:
                    for path in (folder / arrived / "usage" / source).rglob("*.csv"):
                        relative = path.relative_to(folder / arrived / "usage" / source)
                        target = self.inputs / "usage" / f"{folder.name}_{source}" / relative
                        _usage(path, target, given, folder.name)
        for name, rows in tables.items():
            _write(self.inputs / f"{name}.csv", list(columns[name]), rows)
        sections = [_section(name, given) for name, given in sources.items()]
        toml = [f"first_month = {json.dumps(self.first_month)}", *sections]
        (self.inputs / "billing.toml").write_text("\n\n".join(toml))

    def _tables(self, folder: Path) -> list[Path]:
        """The tables of a scenario: one that arrived later replaces its first form."""
        found = {path.name: path for arrived in self.arrived for path in (folder / arrived).glob("*.csv")}
        return [found[name] for name in sorted(found)]


def bill_company(company: OneCompany, lake: Path, months: list[str], engine: EngineResource | None = None) -> None:
    """Bill a company of scenarios, post what is to be posted, and bill it again once the rest has arrived."""
    first = [month for month in months if month <= max(company.posted, default=months[-1])]
    bill_inputs(company.inputs, lake, *first, engine=engine)
    post(company.inputs, lake, *company.posted, engine=engine)
    if company.has_later:
        company.let_the_rest_arrive()
        bill_inputs(company.inputs, lake, *([m for m in months if m not in first] or months), engine=engine)


def _settings(folder: Path) -> dict:
    return tomllib.loads((folder / "inputs" / "billing.toml").read_text())


def _rows(path: Path) -> list[dict]:
    with path.open(newline="") as stream:
        return list(csv.DictReader(stream))


def _prefixed(row: dict[str, str], scenario: str) -> dict[str, str]:
    named = {c for c in row if c not in _NO_NAMES and (c.endswith(("_id", "_ids")) or c in _NAMES)}
    if "account_id" not in row:
        # of users; that of an account says what it is
        named.add("role")
    field = row.get("field", "")
    if field.endswith("_id") or field in (*_FIELDS, *_NAMES):
        named.add("allowed_values")
    return {
        column: "|".join(f"{scenario}~{one}" for one in value.split("|")) if value and column in named else value
        for column, value in row.items()
    }


def _usage(path: Path, target: Path, source: dict, scenario: str) -> None:
    """A usage file, whose columns of types, products and services name those of the scenario."""
    fields = ("udr_type", "product_id", "service_identifier")
    named = {source["columns"][field] for field in fields if field in source["columns"]}
    target.parent.mkdir(parents=True, exist_ok=True)
    if not named:
        shutil.copy(path, target)
        return
    with path.open(newline="") as stream:
        reader = csv.DictReader(stream, delimiter=source.get("delimiter", ","))
        rows = [{c: f"{scenario}~{v}" if c in named and v else v for c, v in row.items()} for row in reader]
    _write(target, list(reader.fieldnames), rows, source.get("delimiter", ","))


def _header(path: Path) -> list[str]:
    with path.open(newline="") as stream:
        return next(csv.reader(stream))


def _write(path: Path, columns: list[str], rows: list[dict], delimiter: str = ",") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, columns, restval="", delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)


def _section(name: str, given: dict) -> str:
    return "\n".join([f"[usage.{name}]", *(f"{key} = {_toml(value)}" for key, value in given.items())])


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {_toml(inner)}" for key, inner in value.items()) + "}"
    return json.dumps(value)
