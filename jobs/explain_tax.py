"""Why is this tax what it is? Regime, rate and base; the certificate or reverse charge; what a tax engine said."""

from collections.abc import Iterator

from billing_assets.reference.tables import ACCOUNTS, TAX_RATES
from billing_assets.taxation.categories import EXEMPT, INTRA_COMMUNITY, REVERSE_CHARGE
from billing_assets.taxation.regimes import BY_LINE, ENGINE, NONE
from billing_assets.taxes.tables import TAX_ANSWERS, TAX_EXEMPTIONS, TAX_REQUESTS
from jobs.arithmetic import money, plain
from resources.lake import Lake

MOST_REQUESTS = 20


def taxed(tax: dict) -> str:
    """The rate of a tax item, and what it is of."""
    base, price = (money(tax[name], tax["currency"]) for name in ("base_amount", "price_amount"))
    if tax["tax_regime"] == NONE:
        return f"no tax here of {base}"
    if tax["rate"] is None:
        return f"an amount of its own on {base}" if tax["tax_regime"] == ENGINE else f"no rate known of {base}"
    if tax["tax_included"] and tax["rate"]:
        return f"{plain(tax['rate'])} % in {price}"
    return f"{plain(tax['rate'])} % of {base}"


def explain_tax(lake: Lake, tax: dict) -> Iterator[str]:
    """What a tax item was made of, line by line."""
    yield f"{taxed(tax)}, tax code {tax['tax_code']} in {tax['country']}"
    yield f"regime {tax['tax_regime']}" + (", each line taxed by itself" if tax["tax_rounding"] == BY_LINE else "")
    if tax["tax_regime"] == ENGINE:
        yield from _answers(lake, tax)
    elif tax["exemption_reason"]:
        code = f" ({tax['exemption_reason_code']})" if tax["exemption_reason_code"] else ""
        yield f"{tax['exemption_reason']}{code}: {_why(lake, tax)}"
    elif tax["rate"] is not None:
        yield from _rates(lake, tax)


def _why(lake: Lake, tax: dict) -> str:
    if tax["certificate_id"]:
        held = _one(lake, TAX_EXEMPTIONS, "certificate_id", tax["certificate_id"])
        return (
            f"certificate {held['certificate_id']}, {held['valid_from']} to {held['valid_to']} (exclusive); "
            f"{held['source_file']}:{held['source_line']}"
        )
    payer = _one(lake, ACCOUNTS, "account_id", tax["payer_account_id"])
    vendor = _one(lake, ACCOUNTS, "account_id", payer["vendor_account_id"])
    if tax["tax_category"] in (REVERSE_CHARGE, INTRA_COMMUNITY):
        return f"VAT id {payer['vat_id']}, in {payer['country']}; billed from {vendor['country']}"
    if tax["tax_category"] == EXEMPT:
        return f"account {payer['account_id']} is exempt"
    return f"from {vendor['country']} to {payer['country']}"


def _rates(lake: Lake, tax: dict) -> Iterator[str]:
    """The rows of tax_rates that have the rate."""
    rates = lake.read(TAX_RATES)
    found = rates.filter(rates.tax_code == tax["tax_code"], rates.country == tax["country"], rates.rate == tax["rate"])
    for row in lake.engine.execute(found.order_by("valid_from")).to_pylist():
        yield f"rate from {row['valid_from']} on; {row['source_file']}:{row['source_line']}"


def _answers(lake: Lake, tax: dict) -> Iterator[str]:
    """What the engine said of each item that has this tax."""
    yield f"{tax['tax_level']} of {tax['jurisdiction']}"
    asked = lake.read(TAX_REQUESTS, [tax["month"]]).filter(lambda t: t.invoice_id == tax["invoice_id"])
    said = lake.read(TAX_ANSWERS, [tax["month"]]).rename(tax="amount").drop("month")
    both = asked.filter(asked.tax_code == tax["tax_code"]).join(said, ["billing_cycle", "request_id"])
    of_tax = both.filter(*(both[c].identical_to(tax[c]) for c in ("tax_level", "jurisdiction", "rate")))
    named = of_tax.filter(of_tax.tax_name == tax["label"])
    rows = lake.engine.execute(named.order_by("item_id")).to_pylist()
    for row in rows[:MOST_REQUESTS]:
        yield (
            f"{row['tax']:f}  on {plain(row['taxable_amount'])} of {row['label']}, {row['service_location']} "
            f"(request {row['request_id']})"
        )
    if len(rows) > MOST_REQUESTS:
        yield f"… {len(rows)} items in all"


def _one(lake: Lake, table, column: str, value: str) -> dict:
    rows = lake.read(table)
    return lake.engine.execute(rows.filter(rows[column] == value)).to_pylist()[0]
