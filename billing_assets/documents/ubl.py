"""An invoice as e-invoice: EN 16931 in UBL 2.1, as Peppol BIS Billing 3.0 wants it.

A credit note has everything turned round, so that what is credited is positive. The price of a line is its unit price,
or else that of its whole quantity wherever the price of one is no exact number: quantity times price is the line, but
for a cent of rounding.
"""

from decimal import Decimal
from xml.etree.ElementTree import Element

from billing_assets.documents.details import correction_of
from billing_assets.documents.elements import as_bytes, group, text
from billing_assets.documents.elements import root as document_of
from billing_assets.documents.failure import CannotBeMade, require
from billing_assets.documents.form import Form
from billing_assets.documents.parties import buyer, seller
from billing_assets.documents.taxes import summed
from billing_assets.documents.units import CODES
from billing_assets.documents.words import language_of, named, words_of

_CUSTOMIZATION = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
_PROFILE = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"
_INVOICE, _CREDIT_NOTE = "380", "381"
_CREDIT_TRANSFER, _SEPA_TRANSFER = "30", "58"
_MOST_DIGITS, _PRICE_DIGITS = 2, 10
# What rounding of lines so that they add up may add to one, or take from it.
_ROUNDED = Decimal("0.01")
_ONE, _MUTUALLY_DEFINED = "C62", "ZZ"
_NOT_AVAILABLE = "NA"
_REVERSE_CHARGE, _INTRA_COMMUNITY, _OUT_OF_SCOPE = "AE", "K", "O"


def as_ubl(document: dict) -> bytes:
    """The e-invoice. Raises CannotBeMade with what an account lacks, or what EN 16931 cannot say."""
    return _Writer(document).bytes()


class _Writer:
    def __init__(self, document: dict):
        self.document = document
        self.head = document["document"]
        language = language_of(self.head["language"])
        self.words, self.form = words_of(language), Form.in_language(language, document["buyer"]["country"])
        self.is_credit = self.head["type"] == "credit_note"
        self.taxes = summed(document["summary"]["taxes"], "category", "rate")
        self.lines = [(owner, line) for owner in document["details"]["groups"] for line in owner["lines"]]
        # an engine that finds no tax leaves lines without a category, and no tax at all
        self.categories = {tax["category"] for tax in self.taxes} | {line["tax_category"] for _, line in self.lines}
        self._require_sayable()

    def bytes(self) -> bytes:
        kind = "CreditNote" if self.is_credit else "Invoice"
        root = document_of(kind)
        self._head(root, kind)
        # who is outside the scope of VAT has no VAT id there
        in_scope = _OUT_OF_SCOPE not in self.categories
        seller(group(root, "AccountingSupplierParty", "Party"), self.document["seller"], in_scope)
        buyer(group(root, "AccountingCustomerParty", "Party"), self.document["buyer"], in_scope)
        if _INTRA_COMMUNITY in self.categories:
            country = group(root, "Delivery", "DeliveryLocation", "Address", "Country")
            text(country, "IdentificationCode", self.document["buyer"]["country"])
        self._payment(root)
        self._totals(root)
        for owner, line in self.lines:
            self._line(group(root, f"{kind}Line"), owner, line, "Credited" if self.is_credit else "Invoiced")
        return as_bytes(root)

    def _require_sayable(self) -> None:
        if None in self.categories:
            sentence = "lines without a category of VAT, as those that a tax engine taxes: EN 16931 knows VAT alone"
            raise CannotBeMade("NOT_EXPRESSIBLE", f"the invoice has {sentence}")
        sells, buys = self.document["seller"], self.document["buyer"]
        vat = () if _OUT_OF_SCOPE in self.categories else ("vat_id or tax_number",)
        address = ("street", "city", "endpoint_scheme", "endpoint_id")
        require(sells, "MISSING_SELLER_DATA", *address, *vat, "vat_id or registration_number")
        require(buys, "MISSING_BUYER_DATA", "endpoint_scheme", "endpoint_id")
        if self.categories & {_REVERSE_CHARGE, _INTRA_COMMUNITY}:
            require(buys, "MISSING_BUYER_DATA", "vat_id")
        if _OUT_OF_SCOPE in self.categories and len(self.categories) > 1:
            raise CannotBeMade("NOT_EXPRESSIBLE", "tax category O of the invoice may not stand beside another one")
        amounts = [line["net_amount"] for _, line in self.lines]
        amounts += [tax[name] for tax in self.taxes for name in ("net_amount", "tax_amount")]
        for amount in amounts:
            if Decimal(amount) != round(Decimal(amount), _MOST_DIGITS):
                raise CannotBeMade(
                    "NOT_EXPRESSIBLE", f"{amount} {self.head['currency']} has more than {_MOST_DIGITS} decimals"
                )

    def _head(self, root: Element, kind: str) -> None:
        head = self.head
        text(root, "CustomizationID", _CUSTOMIZATION)
        text(root, "ProfileID", _PROFILE)
        text(root, "ID", head["number"])
        text(root, "IssueDate", head["issue_date"])
        if not self.is_credit:
            text(root, "DueDate", head["due_date"])
        text(root, f"{kind}TypeCode", _CREDIT_NOTE if self.is_credit else _INVOICE)
        text(root, "DocumentCurrencyCode", head["currency"])
        text(root, "BuyerReference", self.document["buyer"]["reference"])
        periods = [line["period"] for _, line in self.lines]
        self._period(root, min(p["first_day"] for p in periods), max(p["last_day"] for p in periods))
        about = head["for"]
        if about["customer_reference"] or about["order_id"]:
            order = group(root, "OrderReference")
            text(order, "ID", about["customer_reference"] or _NOT_AVAILABLE)
            text(order, "SalesOrderID", about["order_id"])
        if about["contract_id"]:
            text(group(root, "ContractDocumentReference"), "ID", about["contract_id"])

    def _period(self, parent: Element, start: str, last: str) -> None:
        period = group(parent, "InvoicePeriod")
        text(period, "StartDate", start)
        text(period, "EndDate", last)

    def _payment(self, root: Element) -> None:
        paid = self.document["seller"]
        if paid["iban"] and not self.is_credit:
            means = group(root, "PaymentMeans")
            in_euro = self.head["currency"] == "EUR"
            text(means, "PaymentMeansCode", _SEPA_TRANSFER if in_euro else _CREDIT_TRANSFER)
            text(means, "PaymentID", self.head["number"])
            account = group(means, "PayeeFinancialAccount")
            text(account, "ID", paid["iban"])
            if paid["bic"]:
                text(group(account, "FinancialInstitutionBranch"), "ID", paid["bic"])

    def _totals(self, root: Element) -> None:
        summary = self.document["summary"]
        total = group(root, "TaxTotal")
        self._amount(total, "TaxAmount", summary["tax_amount"])
        for tax in self.taxes:
            part = group(total, "TaxSubtotal")
            self._amount(part, "TaxableAmount", tax["net_amount"])
            self._amount(part, "TaxAmount", tax["tax_amount"])
            category = self._category(part, "TaxCategory", tax["category"], tax["rate"])
            text(category, "TaxExemptionReasonCode", tax["reason_code"])
            text(category, "TaxExemptionReason", tax["reason"] and self.words["reasons"][tax["category"]])
            text(group(category, "TaxScheme"), "ID", "VAT")
        monetary = group(root, "LegalMonetaryTotal")
        self._amount(monetary, "LineExtensionAmount", summary["net_amount"])
        self._amount(monetary, "TaxExclusiveAmount", summary["net_amount"])
        self._amount(monetary, "TaxInclusiveAmount", summary["gross_amount"])
        paid = sum((Decimal(row["paid_amount"]) for row in summary["prepaid"]), Decimal(0))
        if paid:
            self._amount(monetary, "PrepaidAmount", f"{paid:f}")
        self._amount(monetary, "PayableAmount", summary["payable_amount"])

    def _category(self, parent: Element, name: str, category: str, rate: str) -> Element:
        element = group(parent, name)
        text(element, "ID", category)
        if category != _OUT_OF_SCOPE:
            text(element, "Percent", rate)
        return element

    def _line(self, parent: Element, owner: dict, line: dict, verb: str) -> None:
        net = Decimal(line["net_amount"]) * (-1 if self.is_credit else 1)
        quantity, unit = _quantity(line)
        price, base = _price(line, abs(net), quantity)
        text(parent, "ID", str(line["number"]))
        text(parent, "Note", correction_of(line, self.form, self.words) if line.get("corrects_month") else None)
        text(parent, f"{verb}Quantity", _plain(-quantity if net < 0 else quantity), unitCode=unit)
        self._amount(parent, "LineExtensionAmount", line["net_amount"])
        self._period(parent, line["period"]["first_day"], line["period"]["last_day"])
        item = group(parent, "Item")
        text(item, "Description", line["zone"] or line["zone_id"])
        text(item, "Name", named(self.words, line["label"], line["component"]))
        text(group(item, "SellersItemIdentification"), "ID", line["product_id"])
        category = self._category(item, "ClassifiedTaxCategory", line["tax_category"], line["tax_rate"])
        text(group(category, "TaxScheme"), "ID", "VAT")
        if owner["subscription_id"]:
            about = group(item, "AdditionalItemProperty")
            text(about, "Name", "Subscription")
            text(about, "Value", owner["subscription_id"])
        element = group(parent, "Price")
        text(element, "PriceAmount", _plain(price), currencyID=self.head["currency"])
        if base is not None:
            text(element, "BaseQuantity", _plain(base), unitCode=unit)

    def _amount(self, parent: Element, name: str, value: str) -> None:
        amount = round(Decimal(value), _MOST_DIGITS) if self.head["digits"] > _MOST_DIGITS else Decimal(value)
        # 0 has no sign, also when it is turned round
        turned = -amount if self.is_credit and amount else amount
        text(parent, name, f"{turned:f}", currencyID=self.head["currency"])


def _quantity(line: dict) -> tuple[Decimal, str]:
    """What was charged and its unit code; one where nothing was counted."""
    quantity = abs(Decimal(line["quantity"] or 0))
    return (quantity, CODES.get(line["unit"], _MUTUALLY_DEFINED)) if quantity else (Decimal(1), _ONE)


def _price(line: dict, net: Decimal, quantity: Decimal) -> tuple[Decimal, Decimal | None]:
    """The unit price before tax where the line has one, else the price of one where that is exact, else of all."""
    if line["unit_price"] and line["amount"] == line["net_amount"]:
        price, per = Decimal(line["unit_price"]), Decimal(line["price_per"])
        if price >= 0 and abs(price * quantity / per - net) <= _ROUNDED:
            return price, None if per == 1 else per
    each = round(net / quantity, _PRICE_DIGITS)
    return (each, None) if each * quantity == net else (net, quantity)


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"
