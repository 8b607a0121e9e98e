"""Who owes which tax and why not: reverse charge, certificates, regimes by vendor and country, rounding by line."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal

import ibis
import pytest
from sample_rows import Row, account, currency, exemption, item, tax_code, tax_rate, tax_regime, vendor

from billing_assets import calendar
from billing_assets.exact import PERCENT
from billing_assets.invoices import lines as invoicing
from billing_assets.items.carried import charged_now
from billing_assets.items.tables import CHARGE_ITEMS
from billing_assets.rating.month import payer_windows
from billing_assets.reference.tables import ACCOUNTS, CURRENCIES, TAX_CODES, TAX_RATES, TAX_REGIMES
from billing_assets.taxation.regimes import REGIMES, Tax
from billing_assets.taxation.regimes import tax_regime as registered
from billing_assets.taxes.determination import TaxBook, with_tax_group
from billing_assets.taxes.exemptions import judge_exemptions
from billing_assets.taxes.groups import tax_items
from billing_assets.taxes.tables import TAX_EXEMPTIONS

BUSINESS = {"account_id": "BERTA", "country": "DE", "vat_id": "DE136695976", "vat_id_well_formed": True}
US = {"account_id": "US-VENDOR", "country": "US"}
ACCOUNTS_GIVEN = (
    vendor(), vendor(**US), account(), account(**BUSINESS),
    account(**BUSINESS | {"account_id": "MISTYPED", "vat_id": "DE136695977", "vat_id_well_formed": False}),
    account(**BUSINESS | {"account_id": "REGISTERED", "vat_id": "FR40303265045"}),
    account(**BUSINESS | {"account_id": "ATHENA", "country": "GR", "vat_id": "EL094259216"}),
    account(**BUSINESS | {"account_id": "BERNA", "country": "CH", "vat_id": "CHE-107.787.577 IVA"}),
    account(**BUSINESS | {"account_id": "AT-HOME", "country": "FR", "vat_id": "FR40303265045"}),
    account(**BUSINESS | {"account_id": "IMPORTER", "vendor_account_id": "US-VENDOR"}),
    account(account_id="TOM", country="US"),
    account(account_id="TIM", country="US", vendor_account_id="US-VENDOR"),
)  # fmt: skip
RATES = (
    tax_rate(), tax_rate(country="DE", rate="19"), tax_rate(country="GR", rate="24"),
    tax_rate(country="CH", rate="8.1"), tax_rate(tax_code="GOODS"), tax_rate(tax_code="GOODS", country="DE", rate="19"),
)  # fmt: skip


class Taxed:
    """The taxes, and lines, of some items."""

    def __init__(self, items: Sequence[Row], table, engine, **book):
        accounts = table(ACCOUNTS, *ACCOUNTS_GIVEN)
        codes = table(TAX_CODES, tax_code(), tax_code(tax_code="GOODS", name="VAT on goods", supply="goods"))
        found = replace(TaxBook(accounts, codes, table(TAX_RATES, *RATES)), **book)
        euro = table(CURRENCIES, currency())
        january = ibis.memtable(calendar.windows("2026-01", {"first": 1}, ["Europe/Paris"], "2026-01"))
        grouped = engine.cache(with_tax_group(charged_now(table(CHARGE_ITEMS, *items)), found))
        lines = invoicing.invoice_lines(invoicing.with_line(grouped), euro)
        made = tax_items(grouped, codes, euro, payer_windows(accounts, january))
        self.items = engine.execute(made.order_by("invoice_id", "source_id")).to_pylist()
        self.lines = engine.execute(lines.order_by("invoice_id", "line_number")).to_pylist()

    @property
    def by_payer(self) -> dict[str, tuple]:
        """Category, rate and reason code of the only tax item of each payer."""
        said = ("tax_category", "rate", "exemption_reason_code")
        found = {row["payer_account_id"]: tuple(row[name] for name in said) for row in self.items}
        assert len(found) == len(self.items)
        return found


@pytest.fixture(scope="module")
def taxed(table, engine) -> Callable[..., Taxed]:
    return lambda *items, **book: Taxed(items, table, engine, **book)


@pytest.fixture(scope="module")
def by_regime(taxed, table) -> Callable[..., Taxed]:
    """The same with rows of tax_regimes."""

    def run(items: Sequence[Row], *regimes: Row) -> Taxed:
        names = sorted({"vat", *(row["regime"] for row in regimes)})
        return taxed(*items, regimes=table(TAX_REGIMES, *regimes), names=names)

    return run


def each(*payers: str, **values: object) -> list[Row]:
    return [item(payer_account_id=payer, **values) for payer in payers]


def test_a_business_elsewhere_in_the_eu_owes_the_tax_itself(taxed):
    """Article 196 of Directive 2006/112/EC: its customer is liable; not where it is a consumer, or at home."""
    payers = ("BERTA", "ATHENA", "IMPORTER", "MISTYPED", "REGISTERED", "BERNA", "AT-HOME", "ANNA")
    charged = ("AE", 0, "VATEX-EU-AE")
    assert taxed(*each(*payers)).by_payer == {
        "BERTA": charged, "ATHENA": charged, "IMPORTER": charged, "MISTYPED": ("S", 19, None),
        "REGISTERED": ("S", 19, None), "BERNA": ("S", Decimal("8.1"), None), "AT-HOME": ("S", 20, None),
        "ANNA": ("S", 20, None),
    }  # fmt: skip


def test_goods_to_a_business_elsewhere_in_the_eu_are_an_intra_community_supply(taxed):
    """Article 138; goods from a vendor outside the EU are none."""
    made = taxed(*each("BERTA", "IMPORTER", "ANNA", tax_code="GOODS"))
    assert made.by_payer == {
        "BERTA": ("K", 0, "VATEX-EU-IC"), "IMPORTER": ("S", 19, None), "ANNA": ("S", 20, None),
    }  # fmt: skip
    assert made.items[1]["exemption_reason"] == "Intra-Community supply"


def test_who_owes_the_tax_itself_pays_the_net_of_a_price_with_tax(taxed):
    """119 with 19 % are 100, and nothing on top."""
    (made,) = taxed(*each("BERTA", amount="119", tax_included=True)).items
    assert (made["base_amount"], made["amount"], made["included_rate"]) == (100, 0, 19)
    assert made["exemption_reason"] == "Reverse charge"


def test_a_certificate_counts_on_its_days_and_for_its_code(taxed, table):
    """Up to 1 January it is December's; a certificate may name the reason, which gives the category."""
    held = table(
        TAX_EXEMPTIONS,
        exemption(tax_code="STANDARD", reason_code="VATEX-EU-132-1A", valid_to="2026-01-01"),
        exemption(certificate_id="C2", account_id="AT-HOME", reason_code="VATEX-EU-AE"),
        exemption(certificate_id="C3", account_id="TOM"),
    )
    december = {"service_start": "2025-12-01", "service_end": "2026-01-01"}
    anna = taxed(*each("ANNA", **december), *each("ANNA"), *each("ANNA", tax_code="GOODS", **december), exemptions=held)
    assert {row["source_id"]: row["exemption_reason"] for row in anna.items} == {
        "STANDARD:FR:E:0.000000:VATEX-EU-132-1A:C1": "Exempt from tax", "STANDARD:FR:S:20.000000": None,
        "GOODS:FR:S:20.000000": None,
    }  # fmt: skip
    assert {line["tax_group"] for line in anna.lines} == {row["source_id"] for row in anna.items}
    others = taxed(*each("AT-HOME", "TOM"), exemptions=held)
    assert others.by_payer == {"AT-HOME": ("AE", 0, "VATEX-EU-AE"), "TOM": ("E", 0, None)}
    assert [row["certificate_id"] for row in others.items] == ["C2", "C3"]


CERTIFICATES = (
    exemption(), exemption(certificate_id="C2", account_id="NOBODY"), exemption(certificate_id="C3", tax_code="BOOKS"),
    exemption(certificate_id="C4", account_id="TOM", reason_code="because", source_line=3),
    exemption(certificate_id="C5", account_id="TOM", valid_to="1900-01-01", source_line=4),
    exemption(certificate_id="C6", account_id="TOM", tax_code="GOODS", valid_to="2026-01-01", source_line=5),
    exemption(certificate_id="C7", account_id="TOM", tax_code="STANDARD", source_line=6),
    exemption(certificate_id="C8", account_id="TOM", valid_from="2026-01-01", source_line=7),
    exemption(certificate_id="C9", account_id="TOM", tax_code="GOODS", valid_from="2026-01-01", source_line=8),
)  # fmt: skip


def test_certificates_that_exempt_nobody(table, rows):
    """C8 is for any code while C7 is valid; C9 begins on the day that C6 ends, but is valid while C8 would be."""
    accounts, codes = table(ACCOUNTS, *ACCOUNTS_GIVEN), table(TAX_CODES, tax_code(), tax_code(tax_code="GOODS"))
    held, refused = judge_exemptions(table(TAX_EXEMPTIONS, *CERTIFICATES), accounts, codes)
    assert sorted(row["certificate_id"] for row in rows(held)) == ["C1", "C6", "C7"]
    assert {row["certificate_id"]: (row["reason"], row["detail"]) for row in rows(refused)} == {
        "C2": ("UNKNOWN_ACCOUNT", "account_id 'NOBODY'"),
        "C3": ("UNKNOWN_TAX_CODE", "tax_code 'BOOKS'"),
        "C4": ("UNKNOWN_REASON_CODE", "reason_code 'because'"),
        "C5": ("END_BEFORE_START", "valid_to '1900-01-01'"),
        "C8": ("OVERLAPPING_EXEMPTION", "valid_from '2026-01-01'"),
        "C9": ("OVERLAPPING_EXEMPTION", "valid_from '2026-01-01'"),
    }


def test_a_vendor_whose_erp_taxes_adds_no_tax(by_regime):
    """Prices with tax are taken apart, so that the ERP gets the net: 120 are 100."""
    off = tax_regime(vendor_account_id="VENDOR", regime="none")
    made = by_regime([*each("ANNA"), *each("ANNA", amount="120", tax_included=True)], off)
    assert {(row["base_amount"], row["amount"], row["rate"], row["tax_category"]) for row in made.items} == {
        (10, 0, 0, None), (100, 0, 0, None),
    }  # fmt: skip
    assert {row["tax_regime"] for row in made.items} == {"none"}
    assert by_regime(each("IMPORTER"), off).items[0]["tax_regime"] == "vat"


def test_what_leaves_the_eu(by_regime):
    """Goods are exported, services are outside the scope of VAT: nothing needs a rate of the country."""
    made = by_regime(
        [*each("TOM"), *each("TOM", tax_code="GOODS"), *each("ANNA")], tax_regime(country="US", regime="export")
    )
    assert {row["source_id"]: row["exemption_reason"] for row in made.items} == {
        "STANDARD:US:O:0.000000:VATEX-EU-O": "Not subject to VAT",
        "GOODS:US:G:0.000000:VATEX-EU-G": "Export outside the EU",
        "STANDARD:FR:S:20.000000": None,
    }


def test_the_vendor_goes_before_the_country(by_regime):
    """Both, else the vendor, else the country, else any."""
    regimes = (
        tax_regime(regime="none"), tax_regime(country="US", regime="export"),
        tax_regime(vendor_account_id="US-VENDOR", regime="vat"),
        tax_regime(vendor_account_id="VENDOR", country="DE", regime="export"),
    )  # fmt: skip
    made = by_regime(each("ANNA", "TOM", "IMPORTER", "TIM", "BERTA"), *regimes)
    assert {row["payer_account_id"]: row["tax_regime"] for row in made.items} == {
        "ANNA": "none", "TOM": "export", "IMPORTER": "vat", "TIM": "vat", "BERTA": "export",
    }  # fmt: skip


@pytest.fixture
def flat_one():
    """A regime of one's own: 1 % of what private persons pay."""

    @registered("flat_one")
    def one_percent(rows):
        one = ibis.ifelse(rows.account_type == "individual", ibis.literal(1), ibis.literal(0)).cast(PERCENT)
        return Tax(one, ibis.literal("S"), ibis.null("string"))

    yield
    del REGIMES["flat_one"]


def test_a_regime_of_ones_own(flat_one, by_regime):
    """1 % of 250 are 2.50."""
    made = by_regime(each("TOM", amount="250"), tax_regime(country="US", regime="flat_one"))
    assert [(row["tax_regime"], row["rate"], row["amount"]) for row in made.items] == [("flat_one", 1, Decimal("2.5"))]


def test_a_name_is_registered_once():
    with pytest.raises(ValueError, match="there is a tax regime 'vat' already"):
        registered("vat")(REGIMES["vat"])


def test_rounding_by_line(by_regime, taxed):
    """Meteroid: three lines of 0.33 at 20 % have 0.07 each, 0.21; 20 % of 0.99 are 0.20."""
    lines = [item(product_id=product, amount="0.33") for product in ("P1", "P2", "P3")]
    (by_line,) = by_regime(lines, tax_regime(regime="vat", rounding="line")).items
    assert (by_line["base_amount"], by_line["amount"], by_line["events"]) == (Decimal("0.99"), Decimal("0.21"), 3)
    (by_group,) = taxed(*lines).items
    assert (by_group["base_amount"], by_group["amount"]) == (Decimal("0.99"), Decimal("0.2"))


def test_lines_that_are_rounded_by_themselves(by_regime, taxed):
    """Flexprice: three lines of 10.333333 are 30.99; rounded as a group they are 31.00, and one line has the cent."""
    lines = [item(product_id=product, amount="10.333333") for product in ("P1", "P2", "P3")]
    by_line = by_regime(lines, tax_regime(regime="vat", rounding="line"))
    assert [line["net_amount"] for line in by_line.lines] == [Decimal("10.33")] * 3
    assert by_line.items[0]["base_amount"] == Decimal("30.99")
    assert sorted(line["net_amount"] for line in taxed(*lines).lines) == [
        Decimal(n) for n in ("10.33", "10.33", "10.34")
    ]


def test_prices_with_tax_by_line(by_regime):
    """Three prices of 0.05 with 20 %: 0.0417 each, 0.04 of net and 0.01 of tax; as a group 0.13 and 0.02."""
    lines = [item(product_id=product, amount="0.05", tax_included=True) for product in ("P1", "P2", "P3")]
    made = by_regime(lines, tax_regime(regime="vat", rounding="line"))
    assert (made.items[0]["base_amount"], made.items[0]["amount"]) == (Decimal("0.12"), Decimal("0.03"))
    assert [(line["price_amount"], line["net_amount"]) for line in made.lines] == [
        (Decimal("0.05"), Decimal("0.04"))
    ] * 3
