"""A tax engine over HTTP: what it is asked, what its answers come to, and what happens when it is down."""

from collections.abc import Callable, Iterator
from decimal import Decimal

import ibis
import pytest
from sample_rows import account, currency, exemption, item, sample, tax_code, tax_regime, vendor
from tax_server import TaxServer, tax_server
from tests_support import CALLS, SETTINGS, Company

from billing_assets import calendar
from billing_assets.contract import ConfigurationError
from billing_assets.documents.contents import Contents
from billing_assets.documents.failure import CannotBeMade
from billing_assets.documents.html import as_html
from billing_assets.documents.pdf import as_pdf
from billing_assets.documents.ubl import as_ubl
from billing_assets.invoices.tables import INVOICES
from billing_assets.items.carried import charged_now
from billing_assets.items.tables import CHARGE_ITEMS
from billing_assets.rating.month import payer_windows
from billing_assets.reference.tables import ACCOUNTS, CURRENCIES, TAX_CODES, TAX_RATES, TAX_REGIMES
from billing_assets.taxes import engine as rules
from billing_assets.taxes.determination import TaxBook
from billing_assets.taxes.tables import TAX_ANSWERS, TAX_EXEMPTIONS, TAX_ITEMS, TAX_REQUESTS
from jobs import cli
from resources.tax_engine import TaxEngineSettings, http_tax_engine

STATE = {"level": "state", "jurisdiction": "New York", "name": "Sales tax", "rate": "4"}
CITY = {"level": "city", "jurisdiction": "New York City", "name": "City tax", "rate": 4.5}
FEE = {"level": "federal", "jurisdiction": "United States", "name": "Emergency call fee"}


@pytest.fixture
def server() -> Iterator[TaxServer]:
    with tax_server() as running:
        yield running


@pytest.fixture
def ask(server) -> Callable[..., list]:
    """The answer to some requests, by the adapter."""

    def run(*requests: dict, **settings) -> list:
        given = {"retries": 2, "backoff_seconds": 0, "timeout_seconds": 5} | settings
        with http_tax_engine(TaxEngineSettings(url=server.url, **given)) as opened:
            return opened.taxes(requests)

    return run


def request(name: str, location: str = "10001", **values: object) -> dict:
    return {"request_id": name, "service_location": location, "exempt": False, "amount": Decimal("10.50")} | values


def test_any_number_of_taxes_in_the_order_of_the_requests(server, ask):
    """Numbers never are floats."""
    server.taxes = {"10001": [
        STATE | {"rate": "20", "taxable_amount": "100", "amount": "20.00"},
        CITY | {"rate": 10.1, "taxable_amount": 100, "amount": 10.1},
    ]}  # fmt: skip
    none, two = ask(request("r1", "nowhere"), request("r2"))
    assert none == []
    assert [(line.level, line.rate, line.amount) for line in two] == [
        ("state", Decimal(20), Decimal(20)), ("city", Decimal("10.1"), Decimal("10.1")),
    ]  # fmt: skip
    assert server.asked[0][1]["amount"] == "10.50"


def test_it_is_asked_again_when_it_is_busy_or_slow(server, ask):
    server.failures = [503, 429]
    assert ask(request("r1")) == [[]]
    server.failures = [0.5]
    assert ask(request("r1"), timeout_seconds=0.2) == [[]]
    assert len(server.asked) == 5


@pytest.mark.parametrize(
    ("failures", "body", "said"),
    [
        ([500] * 3, None, "answers 500 Internal Server Error; what it answered before is kept"),
        ([400], None, "answers 400 Bad Request; what it answered before is kept"),
        ([0.5] * 3, None, "cannot be reached: ConnectionError"),
        ([], {"answers": []}, "does not answer request r1"),
        ([], {"answers": [{"request_id": "r1"}]}, "answers wrongly: answers.0.taxes: Field required"),
        ([], {"answers": [{"request_id": "r1", "taxes": [STATE | {"taxable_amount": "1", "amount": "x"}]}]},
         "answers wrongly: answers.0.taxes.0.amount: Input should be a valid decimal"),
    ],
)  # fmt: skip
def test_a_failure_is_one_sentence(server, ask, failures, body, said):
    server.failures, server.body = failures, body
    with pytest.raises(ConfigurationError) as error:
        ask(request("r1"), timeout_seconds=0.2)
    assert str(error.value) == f"tax engine: {server.url} {said}"


def test_taxes_of_an_item_are_added_up(table, rows):
    """Lago, one-off: 20 % and 10 % of 100.00 are 20.00 and 10.00, together 30.00, and 130.00 to pay."""
    asked = table(
        TAX_REQUESTS, {"month": "2026-01", "billing_cycle": "first", "item_id": "I1", "request_id": "R1",
                       "invoice_id": "2026-01-ANNA-EUR", "leg": "vendor_to_customer", "payer_account_id": "ANNA",
                       "tax_code": "STANDARD", "country": "FR", "currency": "EUR", "tax_rounding": "tax_group"},
    )  # fmt: skip
    answer = sample(
        TAX_ANSWERS, month="2026-01", billing_cycle="first", request_id="R1", jurisdiction="here", taxable_amount="100"
    )
    answers = table(
        TAX_ANSWERS, answer(line_number=1, tax_level="state", tax_name="State", rate="20", amount="20"),
        answer(line_number=2, tax_level="city", tax_name="City", rate="10", amount="10"),
    )  # fmt: skip
    windows = payer_windows(
        table(ACCOUNTS, account()),
        ibis.memtable(calendar.windows("2026-01", {"first": 1}, ["Europe/Paris"], "2025-01")),
    )
    found = rows(rules.engine_tax_items(asked, answers, table(CURRENCIES, currency()), windows))
    assert sorted((row["label"], row["base_amount"], row["amount"]) for row in found) == [
        ("City", 100, 10), ("State", 100, 20),
    ]  # fmt: skip


def test_what_it_is_asked(table, rows):
    """Where the service is: of who used it, else where the payer's bills go, else the payer's country."""
    accounts = table(
        ACCOUNTS, vendor(country="US"), account(country="US", billing_location="10001", service_location="94103"),
        account(account_id="SON", country="US", service_location="60601"), account(account_id="BARE", country="CA"),
    )  # fmt: skip
    book = TaxBook(
        accounts, table(TAX_CODES, tax_code()), table(TAX_RATES), table(TAX_REGIMES, tax_regime(regime="engine")),
        table(TAX_EXEMPTIONS, exemption(account_id="BARE")), ("engine", "vat"),
    )  # fmt: skip
    items = table(
        CHARGE_ITEMS, item(item_id="I1", service_account_id="SON", item_type="usage", caller_location="10002"),
        item(item_id="I2"), item(item_id="I3", payer_account_id="BARE", service_account_id="BARE"), item(item_id="I4"),
    )  # fmt: skip
    made = {row["item_id"]: row for row in rows(rules.tax_requests(charged_now(items), book))}
    told = ("transaction_type", "caller_location", "service_location", "billing_location", "exempt", "certificate_id")
    assert {name: tuple(row[c] for c in told) for name, row in made.items()} == {
        "I1": ("event", "10002", "60601", "10001", False, None),
        "I2": ("subscription", None, "94103", "10001", False, None),
        "I3": ("subscription", None, "CA", "CA", True, "C1"),
        "I4": ("subscription", None, "94103", "10001", False, None),
    }
    assert made["I2"]["request_id"] == made["I4"]["request_id"]
    assert len({row["request_id"] for row in made.values()}) == 3


@pytest.fixture
def american(company, server) -> Company:
    """The small company in New York: 14.1935483871 and 20 for the plan, and calls of 0.065, 0.025 and 0.29.

    Of each item the state has 4 %, the city 4.5 %, and the federation 1.00 a line.
    """
    engine = f'[tax_engine]\nurl = "{server.url}"\nbatch_size = 2\nretries = 0\n'
    company.write("billing.toml", f'{SETTINGS}\n[usage.switch.attributes]\ncaller_location = "cell"\n\n{engine}')
    company.table("udr_type_attributes", [{"udr_type": "voice", "attribute": "caller_location"}])
    cells = ("10002", "", "10003")
    company.calls("2026-01-12/calls.csv", [c | {"cell": cell} for c, cell in zip(CALLS, cells, strict=True)])
    company.table("accounts", [
        {"account_id": "VENDOR", "name": "Vendor", "role": "vendor", "country": "US", "currency": "EUR",
         "time_zone": "Europe/Paris"},
        {"account_id": "ANNA", "name": "Anna", "role": "customer", "vendor_account_id": "VENDOR", "country": "US",
         "currency": "EUR", "time_zone": "Europe/Paris", "billing_cycle": "first", "service_location": "10001"},
    ])  # fmt: skip
    company.table("tax_regimes", [{"country": "US", "regime": "engine"}])
    (company.root / "tax_rates.csv").unlink()
    base = {"taxable_amount": "10", "amount": "0.401"}
    server.taxes = {"10001": [
        STATE | base, CITY | base | {"amount": "0.45"}, FEE | base | {"amount": "1"},
    ]}  # fmt: skip
    return company


@pytest.mark.long
def test_a_month_taxed_by_an_engine(american, server, bill, lake, rows, capsys):
    """Five items: 5 * 0.401 = 2.005, 2.01; 5 * 0.45 = 2.25; 5 * 1.00. Net 34.57 (14.1935 + 20 + 0.38)."""
    report = bill(american, "2026-01")
    assert report.failed_checks == []
    (invoice,) = rows(lake.read_all(INVOICES))
    assert [invoice[c] for c in ("net_amount", "tax_amount", "gross_amount")] == [
        Decimal("34.57"), Decimal("9.26"), Decimal("43.83"),
    ]  # fmt: skip
    taxes = {row["label"]: row for row in rows(lake.read_all(TAX_ITEMS))}
    said = ("tax_level", "jurisdiction", "rate", "base_amount", "amount", "events", "tax_category")
    assert {name: tuple(row[c] for c in said) for name, row in taxes.items()} == {
        "Sales tax": ("state", "New York", 4, 50, Decimal("2.01"), 5, None),
        "City tax": ("city", "New York City", Decimal("4.5"), 50, Decimal("2.25"), 5, None),
        "Emergency call fee": ("federal", "United States", None, 50, 5, 5, None),
    }
    places = {row["caller_location"] for row in rows(lake.read_all(TAX_REQUESTS))}
    assert places == {"10002", "10003", None}
    assert [len(batch) for batch in server.asked] == [2, 2, 1]

    assert cli.main(["explain", taxes["Sales tax"]["item_id"], "--lake", str(lake.root)]) == 0
    told = capsys.readouterr().out.splitlines()
    assert [line.strip() for line in told[2:5]] == [
        "4 % of 50.00 EUR, tax code STANDARD in US", "regime engine", "state of New York",
    ]  # fmt: skip
    assert sum("0.4010000000  on 10 of " in line for line in told) == 5

    with Contents(lake, "2026-01") as contents:
        (document,) = contents.documents(contents.invoice_ids)
    said = [(tax["label"], tax["rate"], tax["tax_amount"]) for tax in document["summary"]["taxes"]]
    assert said == [("City tax", "4.5", "2.25"), ("Sales tax", "4", "2.01"), ("Emergency call fee", None, "5.00")]
    assert b"<td>Emergency call fee</td>" in as_html(document)
    assert as_pdf(document).startswith(b"%PDF-")
    with pytest.raises(CannotBeMade, match="EN 16931 knows VAT alone"):
        as_ubl(document)

    server.shutdown()
    bill(american, "2026-01")
    assert rows(lake.read_all(INVOICES)) == [invoice] and len(server.asked) == 3


def test_an_engine_that_is_down(american, server, bill, lake, rows):
    """The first batch is kept: when it is up again, only the others are asked. No tax is written in between."""
    server.failures = [0, 503]
    with pytest.raises(ConfigurationError) as error:
        bill(american, "2026-01")
    assert str(error.value) == (
        f"tax engine: {server.url} answers 503 Service Unavailable; what it answered before is kept"
    )
    assert lake.keys(TAX_ITEMS) == [] and len(rows(lake.read_all(TAX_ANSWERS).select("request_id").distinct())) == 2
    bill(american, "2026-01")
    assert [len(batch) for batch in server.asked] == [2, 2, 2, 1]
    assert server.asked[1] == server.asked[2]
    assert len(rows(lake.read_all(INVOICES))) == 1


def test_an_engine_that_is_not_configured(american, bill):
    american.write("billing.toml", SETTINGS)
    with pytest.raises(ConfigurationError, match=r"^tax_regimes.csv, line 2: regime 'engine' needs the section \[tax_"):
        bill(american, "2026-01")


def test_prices_with_tax_are_none_for_an_engine(table, rows):
    asked = table(TAX_REQUESTS, {"label": "Mobile", "invoice_id": "2026-01-ANNA-USD", "tax_included": True})
    with pytest.raises(ConfigurationError, match="'Mobile' on invoice 2026-01-ANNA-USD has a price with tax"):
        rules.require_before_tax(asked, rows)
