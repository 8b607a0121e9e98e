"""What resellers bill for usage, what they are charged for it, and that both are what was billed."""

from decimal import Decimal

import pytest
from invoiced import invoice, line
from sample_rows import account, billing_cycle, item, product, reseller, vendor

from billing_assets.contract import Partition
from billing_assets.invoices.tables import BILLED_ITEMS, INVOICE_LINES, INVOICES
from billing_assets.reference.tables import ACCOUNTS, BILLING_CYCLES, PRODUCTS
from billing_assets.reports.checks import margins_are_billed
from billing_assets.reports.margins import margins
from billing_assets.reports.tables import MARGINS
from billing_assets.run import Run

HEAD = reseller(account_id="HEAD", payer_account_id="HEAD")
PRODUCT_ROWS = (product(), product(product_id="MOBILE", product_type="termed_service"))
ON = {name: {"invoice_id": name} for name in ("ANNA-EUR", "BIG-EUR", "BIG-USD")}
INVOICE_ROWS = (
    invoice(**ON["ANNA-EUR"], vendor_account_id="BIG"),
    invoice(**ON["BIG-EUR"], payer_account_id="BIG"),
    invoice(**ON["BIG-USD"], payer_account_id="BIG", currency="USD"),
)
USAGE = {"product_id": "CALLS", "item_type": "usage"}
BY_WHOLESALE = USAGE | {"subscription_id": None}


@pytest.fixture
def found(table, rows):
    """(product, currency): retail, wholesale and margin of the reseller."""

    def run(*lines, resellers=(), who="BIG") -> dict[tuple, tuple]:
        accounts = table(ACCOUNTS, vendor(), account(vendor_account_id="BIG"), *(resellers or (reseller(),)))
        numbered = (row | {"invoice_line_id": f"L{n}"} for n, row in enumerate(lines))
        invoiced = table(INVOICE_LINES, *numbered), table(INVOICES, *INVOICE_ROWS)
        made = rows(MARGINS.shape(margins(*invoiced, accounts, table(PRODUCTS, *PRODUCT_ROWS))))
        assert {row["reseller_account_id"] for row in made} <= {who}
        return {
            (row["product_id"], row["currency"]): tuple(
                row[name] for name in ("retail_amount", "wholesale_amount", "margin")
            )
            for row in made
        }

    return run


def test_what_is_billed_less_what_is_charged(found):
    """10.00 less a discount of 1.00, for 2.50 less 0.30 for the volume."""
    assert found(
        line(**ON["ANNA-EUR"], **USAGE, net_amount="10"),
        line(**ON["ANNA-EUR"], **USAGE | {"item_type": "discount"}, net_amount="-1"),
        line(**ON["BIG-EUR"], **BY_WHOLESALE, net_amount="2.50"),
        line(**ON["BIG-EUR"], **BY_WHOLESALE | {"item_type": "bundle"}, net_amount="-0.30"),
    ) == {("CALLS", "EUR"): (9, Decimal("2.20"), Decimal("6.80"))}


def test_another_currency_is_another_row(found):
    assert found(
        line(**ON["ANNA-EUR"], **USAGE, net_amount="10"),
        line(**ON["BIG-USD"], **BY_WHOLESALE, net_amount="3", currency="USD"),
    ) == {("CALLS", "EUR"): (10, 0, 10), ("CALLS", "USD"): (0, 3, -3)}


def test_fees_and_what_a_reseller_uses_itself_are_in_no_margin(found):
    assert found(line(**ON["ANNA-EUR"]), line(**ON["BIG-EUR"], **USAGE), line(**ON["BIG-EUR"])) == {}


def test_who_pays_for_a_reseller_stands_for_it(found):
    """The wholesale invoice is that of the one who pays."""
    paid_for = reseller(payer_account_id="HEAD", bill_to_account_id="HEAD")
    lines = (line(**ON["ANNA-EUR"], **USAGE, net_amount="10"),)
    assert found(*lines, resellers=(paid_for, HEAD), who="HEAD") == {("CALLS", "EUR"): (10, 0, 10)}


@pytest.fixture
def check(lake, table):
    """What the check finds when items of these amounts were billed, and the margins are 9.00 less 2.20."""

    def run(retail: str, wholesale: str) -> list[dict]:
        margin = {"month": "2026-01", "billing_cycle": "first", "reseller_account_id": "BIG", "product_id": "CALLS",
                  "currency": "EUR", "retail_amount": Decimal(9), "wholesale_amount": Decimal("2.20"),
                  "margin": Decimal("6.80")}  # fmt: skip
        sold = {"leg": "reseller_to_customer", "item_id": "I1", "product_id": "CALLS", "amount": retail}
        bought = {"leg": "vendor_to_reseller", "item_id": "I2", "product_id": "CALLS", "amount": wholesale}
        given = {
            BILLING_CYCLES: [billing_cycle()],
            PRODUCTS: PRODUCT_ROWS,
            MARGINS: [margin],
            # and own use of the reseller, tax, and a fee
            BILLED_ITEMS: [
                item(**sold), item(**bought, subscription_id=None), item(**bought | {"item_id": "I3"}),
                item(**sold | {"item_id": "I4"}, item_type="tax"), item(item_id="I5", leg="reseller_to_customer"),
            ],
        }  # fmt: skip
        for contract, made in given.items():
            if contract.partition is Partition.MONTH:
                lake.write_month(contract, table(contract, *made), "2026-01", ["first"], True)
            else:
                lake.write(contract, table(contract, *made))
        with Run(lake, None, "2026-01", month="2026-01") as made:
            return margins_are_billed(made)

    return run


@pytest.mark.parametrize(
    ("retail", "wholesale", "is_right"), [("9", "2.20", True), ("9.01", "2.20", False), ("9", "2.19", False)]
)
def test_margins_are_what_was_billed(check, retail, wholesale, is_right):
    assert (check(retail, wholesale) == []) is is_right
