"""What docs/ says of inputs, conventions and reasons is what the code does; its examples can be billed."""

import ast
import re
import tomllib
from decimal import Decimal
from pathlib import Path

import ibis
import pytest
from tests_support import rejected_rows

from billing_assets import dictionary
from billing_assets.contract import Column, InputTable
from billing_assets.exact import AMOUNT, QUANTITY, billed_units, exact_ratio
from billing_assets.invoices.tables import INVOICES
from billing_assets.tables import INPUT_TABLES
from resources.crm_settings import CrmApi, CrmRecords, CrmSettings
from resources.settings import USAGE_FIELDS, Settings, SqlInputs, UsageSource
from resources.tax_engine import TaxEngineSettings

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = [path for path in (ROOT / "README.md", *sorted(DOCS.glob("*.md"))) if path.is_file()]

# The section of docs/rejections.md for the reasons of each module.
REASONS_OF = {
    "billing_assets/records.py": "The value itself",
    "billing_assets/reference/accounts.py": "rejected_accounts",
    "billing_assets/reference/contacts.py": "rejected_contacts",
    "billing_assets/quotes/lines.py": "rejected_quotes",
    "billing_assets/quotes/amounts.py": "rejected_quotes",
    "billing_assets/quotes/control.py": "rejected_quotes",
    "billing_assets/reference/approvals.py": "What an approval needs",
    "billing_assets/quotes/states.py": "rejected_quotes",
    "billing_assets/quotes/orders.py": "rejected_orders",
    "billing_assets/orders/actions.py": "rejected_orders",
    "billing_assets/orders/availability.py": "rejected_orders",
    "billing_assets/orders/buy_in_advance.py": "rejected_buy_in_advance_requests",
    "billing_assets/billing_schedule/adjustments.py": "rejected_schedule_adjustments",
    "billing_assets/orders/service_jobs.py": "rejected_orders",
    "billing_assets/orders/terms.py": "rejected_orders",
    "billing_assets/orders/lines.py": "rejected_orders",
    "billing_assets/orders/floors.py": "rejected_orders",
    "billing_assets/orders/lives.py": "rejected_orders",
    "billing_assets/orders/neighbours.py": "rejected_orders",
    "billing_assets/orders/schemes.py": "rejected_orders",
    "billing_assets/orders/splits.py": "rejected_orders",
    "billing_assets/discounts/requests.py": "rejected_discounts",
    "billing_assets/taxes/exemptions.py": "rejected_tax_exemptions",
    "billing_assets/fees/account_fees.py": "rejected_overdue_amounts",
    "billing_assets/prepaid/credits.py": "rejected_prepaid_credits",
    "resources/text_files.py": "rejected_raw_usage",
    "billing_assets/usage/raw.py": "rejected_raw_usage",
    "billing_assets/usage/mapping.py": "rejected_raw_usage",
    "billing_assets/usage/udrs.py": "rejected_udrs",
    "billing_assets/usage/catalogues.py": "What usage catalogues allow",
    "billing_assets/usage/ordered.py": "rejected_usage_orders",
    "billing_assets/rating/rate.py": "unrated_udrs",
    "billing_assets/rating/sessions.py": "unrated_udrs",
    "billing_assets/documents/ubl.py": "invoice_documents",
    "billing_assets/documents/files.py": "invoice_documents",
}
_CODE = re.compile(r"[A-Z]+(_[A-Z]+)+")
_NO_REASON = re.compile(r"(BILLING|DAGSTER)_[A-Z_]+|BOOLEAN_ONLY|TIMESTAMP_NTZ")


def _page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def _sections(text: str) -> dict[str, str]:
    """Each heading with the text up to the next one."""
    parts = re.split(r"^#+ (.+)$", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S), flags=re.M)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def _rows(section: str) -> list[list[str]]:
    """The cells of every table row, without the headers."""
    lines = [line for line in section.splitlines() if line.startswith("|")]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    rules = [n for n, row in enumerate(rows) if set("".join(row)) <= set("-: ")]
    return [row for n, row in enumerate(rows) if n not in rules and n + 1 not in rules]


def _names(section: str) -> list[str]:
    """What the first cells of its table rows name."""
    return [row[0].strip("`") for row in _rows(section)]


def _examples(text: str) -> dict[str, str]:
    """File name and content of each example that is introduced by its file name."""
    return dict(re.findall(r"^`([\w./-]+)`:\n\n```\w*\n(.*?)^```", text, flags=re.M | re.S))


def _reasons(path: Path) -> set[str]:
    """The reason codes of a module: texts that look like one, and constants that are their own name."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    single = {
        node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name) and target.id == node.value.value
    }
    return single | {text for text in texts if _CODE.fullmatch(text) and not _NO_REASON.fullmatch(text)}


def test_every_reason_is_in_the_section_of_its_table_and_vice_versa():
    coded: dict[str, set[str]] = {}
    for module, section in REASONS_OF.items():
        coded.setdefault(section, set()).update(_reasons(ROOT / module))
    sections = _sections(_page("rejections.md"))
    assert {section: set(_names(sections[section])) for section in coded} == coded


def test_no_other_module_has_reasons():
    paths = [path for folder in ("billing_assets", "resources", "jobs") for path in (ROOT / folder).rglob("*.py")]
    found = {str(path.relative_to(ROOT)) for path in paths if _reasons(path)}
    assert found == set(REASONS_OF)


@pytest.mark.parametrize("table", INPUT_TABLES, ids=lambda table: table.name)
def test_every_input_column_is_described_as_it_is(table: InputTable):
    described = _rows(_sections(_page("inputs.md"))[table.name])
    assert [row[0] for row in described] == [f"`{column.name}`" for column in table.input_columns]
    for column, row in zip(table.input_columns, described, strict=True):
        assert row[1] == _presence(column), column.name
        assert all(f"`{value}`" in row[2] for value in column.allowed), column.name
        if column.dtype.is_decimal():
            assert f"number {column.dtype.precision - column.dtype.scale}.{column.dtype.scale}" in row[2], column.name


def _presence(column: Column) -> str:
    if column.default is not None:
        return f"key, default `{column.default}`" if column.key else f"default `{column.default}`"
    return "key" if column.key else "optional" if column.nullable else "required"


def test_every_input_table_is_listed_as_required_or_optional():
    (required, optional), *_ = _rows(_sections(_page("inputs.md"))["The folder"])
    for listed, wanted in ((required, True), (optional, False)):
        tables = {table.name for table in INPUT_TABLES if table.required is wanted}
        assert set(re.findall(r"`([a-z_]+)`", listed)) == tables


def test_every_key_of_the_settings_is_described():
    keys = _names(_sections(_page("inputs.md"))["billing.toml"])
    whole = {name for name in Settings.model_fields if name not in ("sql", "crm", "tax_engine", "usage")}
    sql = {"[sql]` `url", "[sql.inputs]"}
    assert set(SqlInputs.model_fields) == {"url", "inputs"}
    source = {
        f"[usage.SOURCE.{n}]" if n in ("columns", "constants", "attributes") else n for n in UsageSource.model_fields
    }
    engine = {f"[tax_engine]` `{name}" for name in TaxEngineSettings.model_fields}
    assert set(keys) == whole | sql | engine | source


def test_every_key_of_the_crm_is_described():
    keys = set(CrmSettings.model_fields) | set(CrmRecords.model_fields) | set(CrmApi.model_fields)
    assert set(_names(_sections(_page("crm.md"))["Settings"])) == keys - {"api", "accounts", "contacts"}


def test_every_field_of_a_usage_record_is_described():
    assert set(_names(_sections(_page("inputs.md"))["Fields of a record"])) == set(USAGE_FIELDS)


def test_the_example_settings_show_every_key():
    (source, *_) = tomllib.loads(_examples(_page("inputs.md"))["billing.toml"])["usage"].values()
    assert set(source) == set(UsageSource.model_fields) - {"attributes"}


@pytest.mark.parametrize("text", re.findall(r"```toml\n(.*?)```", _page("inputs.md") + _page("crm.md"), flags=re.S))
def test_examples_of_settings_are_valid(text):
    Settings(**({"first_month": "2026-01"} | tomllib.loads(text)))


@pytest.mark.long
def test_the_examples_make_a_company_that_is_billed_as_the_page_says(tmp_path, bill, lake, rows):
    examples = _examples(_page("inputs.md"))
    assert {f"{table.name}.csv" for table in INPUT_TABLES} <= set(examples)
    for name, content in examples.items():
        path = tmp_path / "inputs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    report = bill(tmp_path / "inputs", "2026-01")
    assert report.failed_checks == []
    assert rejected_rows(lake) == []
    totals = {f"`{row['invoice_id']}`": f"{row['gross_amount']:.2f} EUR" for row in rows(lake.read_all(INVOICES))}
    assert totals == {row[0]: row[-1] for row in _rows(_sections(_page("inputs.md"))["Inputs"])}


def test_the_table_of_minimum_and_increment_is_right(rows):
    for cells in _rows(_sections(_page("conventions.md"))["Minimum and increment"]):
        *given, charged = (Decimal(cell) for cell in cells)
        units = billed_units(*(ibis.literal(value, QUANTITY) for value in given))
        assert rows(units.name("charged").as_table()) == [{"charged": charged}], cells


def test_the_table_of_proration_is_right(rows):
    for price, _, _, days, amount in _rows(_sections(_page("conventions.md"))["Proration"]):
        billed, full = (ibis.literal(int(n), "int64") for n in re.findall(r"^(\d+) of (\d+)", days)[0])
        part = exact_ratio(ibis.literal(Decimal(price), AMOUNT), billed, full)
        assert rows(part.name("amount").as_table()) == [{"amount": Decimal(amount)}], price


def test_the_data_dictionary_is_current():
    assert _page("tables.md") == dictionary.as_markdown()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_relative_links_resolve(page):
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    for target in re.findall(r"\]\(([^)]+)\)", text):
        if target.startswith(("https://", "http://")):
            continue
        name, _, anchor = target.partition("#")
        path = (page.parent / name).resolve() if name else page
        assert path.exists(), target
        if anchor:
            assert anchor in {_slug(heading) for heading in _sections(path.read_text(encoding="utf-8"))}, target


def _slug(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
