"""A rate model of a company's own: named in billing.toml, registered, priced by, explained."""

import sys
from decimal import Decimal
from importlib import import_module

import pytest
from sample_rows import udr
from tests_support import SETTINGS, Company

from billing_assets.contract import ConfigurationError
from billing_assets.invoices.tables import BILLED_ITEMS
from billing_assets.pricing.models import MODELS
from billing_assets.rating.tables import RATED_ITEMS
from billing_assets.usage.tables import UDRS
from jobs import cli
from resources.settings import load_settings

NAMED = f'rate_model_modules = ["bakers_rates"]\n{SETTINGS}'


@pytest.fixture
def not_imported(monkeypatch):
    """The module as in a process that has not heard of it."""
    monkeypatch.delitem(sys.modules, "bakers_rates", raising=False)
    for name in ("bakers_dozen", "oven_capacity"):
        monkeypatch.delitem(MODELS, name, raising=False)


@pytest.fixture
def bakery(company) -> Company:
    """3 for every started thirteen seconds, 0.10 setup, at least 4."""
    company.write("billing.toml", NAMED)
    terms = {"rate_model": "bakers_dozen", "unit_price": "3", "setup_fee": "0.10", "minimum_amount": "4"}
    company.table("rates", [{"rate_id": "DOZEN", "price_plan_id": "PLAN", "product_id": "CALLS"} | terms])
    call = {"caller": "33611", "start": "2026-01-11 10:00:00", "callee": "33612345"}
    company.calls("2026-01-12/calls.csv", [
        call | {"id": "1", "seconds": "26"}, call | {"id": "2", "seconds": "27"}, call | {"id": "3", "seconds": "13"},
    ])  # fmt: skip
    return company


@pytest.mark.long
def test_a_run_prices_by_it_and_says_so(not_imported, bakery, bill, lake, rows, capsys):
    """26 are two thirteens, 27 three; one is 3.10, below the least amount of 4."""
    bill(bakery, "2026-01")
    events = {int(row["measured"]): row for row in rows(lake.read_all(RATED_ITEMS))}
    amounts = {13: Decimal("4"), 26: Decimal("6.10"), 27: Decimal("9.10")}
    assert {seconds: row["amount"] for seconds, row in events.items()} == amounts
    assert explained(events[13]["udr_id"], lake, capsys)[2:] == [
        "  rate DOZEN (bakers_dozen) of plan PLAN version 1",
        "  zone FR by prefix 33",
        "  3.0000000000  by the rate model bakers_dozen for 13 s",
        "  0.1000000000  setup",
        "  0.9000000000  to the minimum of 4",
        "  4.0000000000 EUR",
    ]
    (item,) = (row for row in rows(lake.read_all(BILLED_ITEMS)) if row["item_type"] == "usage")
    assert any("6.1000000000  2026-01-11 10:00:00: by the rate model bakers_dozen for 26 s + 0.1 setup" in text
               for text in explained(item["item_id"], lake, capsys))  # fmt: skip


def explained(item: str, lake, capsys) -> list[str]:
    assert cli.main(["explain", item, "--lake", str(lake.root)]) == 0
    return capsys.readouterr().out.splitlines()


def test_a_model_may_look_at_several_attributes(not_imported, table, rows):
    """Kill Bill, capacity of two units: 10 at the first limits of both, 20 where either is above, 30 above the last."""
    import_module("bakers_rates")
    loads = {"100 1000": 10, "101 1000": 20, "100 1001": 20, "200 2001": 30}
    events = [udr(udr_id=load, attributes=dict(zip(("loaves", "watts"), load.split(), strict=True))) for load in loads]
    priced = table(UDRS, *events).mutate(amount=MODELS["oven_capacity"])
    assert {row["udr_id"]: row["amount"] for row in rows(priced.select("udr_id", "amount"))} == loads


@pytest.mark.parametrize(
    ("module", "said"),
    [
        ("nowhere.rates", "No module named 'nowhere'"),
        ("bakers_rates_broken", "there is a rate model 'flat' already"),
    ],
)
def test_a_module_that_cannot_be_imported_is_one_sentence(company, tmp_path, monkeypatch, module, said):
    (tmp_path / "bakers_rates_broken.py").write_text(
        "from billing_assets.pricing.models import rate_model\n\n\n@rate_model('flat')\ndef flat(rows):\n    pass\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    path = company.write("billing.toml", f'rate_model_modules = ["{module}"]\n{SETTINGS}')
    with pytest.raises(ConfigurationError) as error:
        load_settings(company.root)
    assert str(error.value) == f"{path}: rate_model_modules: {module!r} cannot be imported: {said}"
