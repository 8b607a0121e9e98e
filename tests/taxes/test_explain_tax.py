"""Why a tax is what it is, in words: of taxes of a small lake."""

from decimal import Decimal

import pytest
from sample_rows import account, exemption, sample, tax_rate, vendor

from billing_assets.reference.tables import ACCOUNTS, TAX_RATES
from billing_assets.taxes.tables import TAX_EXEMPTIONS, TAX_ITEMS
from jobs.explain_tax import explain_tax
from resources.lake import Lake

tax = sample(
    TAX_ITEMS, payer_account_id="ANNA", tax_code="STANDARD", country="FR", tax_regime="vat", tax_rounding="tax_group",
    tax_category="S", rate="20", tax_included=False, price_amount="10", base_amount="10", currency="EUR",
    exemption_reason=None, certificate_id=None, exemption_reason_code=None,
)  # fmt: skip
FREE = {"rate": "0", "tax_category": "E", "exemption_reason": "Exempt from tax"}
CHARGED = {"tax_category": "AE", "exemption_reason": "Reverse charge", "exemption_reason_code": "VATEX-EU-AE"}


@pytest.fixture(scope="module")
def lake(tmp_path_factory, table, engine) -> Lake:
    made = Lake(tmp_path_factory.mktemp("taxes") / "lake", engine)
    berta = account(account_id="BERTA", country="DE", vat_id="DE136695976")
    made.write(ACCOUNTS, table(ACCOUNTS, vendor(), account(), berta))
    made.write(TAX_EXEMPTIONS, table(TAX_EXEMPTIONS, exemption(valid_from="2026-01-01", valid_to="2027-01-01")))
    own = tax_rate(valid_from="2014-01-01")
    default = tax_rate(country="DE", rate="19", source_file="eu-vat-rates-data 2026.9.29", source_line=6)
    made.write(TAX_RATES, table(TAX_RATES, own, default))
    return made


EXPLAINED = {
    "the rate, and where it is from": ({}, (
        "20 % of 10.00 EUR, tax code STANDARD in FR", "regime vat", "rate from 2014-01-01 on; tax_rates.csv:2",
    )),
    "a rate of the package, in the price": ({"country": "DE", "rate": "19", "tax_included": True}, (
        "19 % in 10.00 EUR, tax code STANDARD in DE", "regime vat",
        "rate from 1900-01-01 on; eu-vat-rates-data 2026.9.29:6",
    )),
    "an exempt account": (FREE, (
        "0 % of 10.00 EUR, tax code STANDARD in FR", "regime vat", "Exempt from tax: account ANNA is exempt",
    )),
    "a certificate": (FREE | {"certificate_id": "C1", "exemption_reason_code": "VATEX-EU-132-1B"}, (
        "0 % of 10.00 EUR, tax code STANDARD in FR", "regime vat",
        "Exempt from tax (VATEX-EU-132-1B): certificate C1, 2026-01-01 to 2027-01-01 (exclusive); tax_exemptions.csv:2",
    )),
    "reverse charge": (FREE | CHARGED | {"payer_account_id": "BERTA", "country": "DE"}, (
        "0 % of 10.00 EUR, tax code STANDARD in DE", "regime vat",
        "Reverse charge (VATEX-EU-AE): VAT id DE136695976, in DE; billed from FR",
    )),
    "line by line": ({"tax_rounding": "line"}, (
        "20 % of 10.00 EUR, tax code STANDARD in FR", "regime vat, each line taxed by itself",
        "rate from 2014-01-01 on; tax_rates.csv:2",
    )),
    "done in the ERP": ({"tax_regime": "none", "rate": "0", "tax_category": None}, (
        "no tax here of 10.00 EUR, tax code STANDARD in FR", "regime none",
    )),
}  # fmt: skip


@pytest.mark.parametrize("case", EXPLAINED)
def test_a_tax_is_explained(lake, case):
    values, said = EXPLAINED[case]
    assert tuple(explain_tax(lake, tax(amount=Decimal(0), **values))) == said
