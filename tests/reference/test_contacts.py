"""Which contacts can be used, and what has the form of an address, a number, and a VAT id."""

import pytest
from sample_rows import account, contact

from billing_assets.reference import forms
from billing_assets.reference.contacts import judge_contacts
from billing_assets.reference.tables import ACCOUNTS, CONTACTS


def test_why_contacts_are_refused(rows, table):
    """A number without a country code is one of the account's country: 10 digits in France, too many for Malta."""
    contacts = [
        contact(contact_id="1", phone="01 42 68 53 00", language="fr", email="a@example.org"),
        contact(contact_id="2", account_id="NOBODY"),
        contact(contact_id="3", email="anna@"),
        contact(contact_id="4", phone="12"),
        contact(contact_id="5", language="french"),
        contact(contact_id="6", account_id="MALTA", phone="01 42 68 53 00"),
    ]
    usable, refused = judge_contacts(
        table(CONTACTS, *contacts), table(ACCOUNTS, account(), account(account_id="MALTA", country="MT")),
        ["fr", "mt"], rows,
    )  # fmt: skip
    assert [row["contact_id"] for row in rows(usable)] == ["1"]
    assert [(row["contact_id"], row["reason"], row["detail"]) for row in rows(refused.order_by("contact_id"))] == [
        ("2", "UNKNOWN_ACCOUNT", "account_id 'NOBODY'"),
        ("3", "INVALID_EMAIL", "email 'anna@'"),
        ("4", "INVALID_PHONE", "phone '12'"),
        ("5", "UNKNOWN_LANGUAGE", "language 'french'"),
        ("6", "INVALID_PHONE", "phone '01 42 68 53 00'"),
    ]


@pytest.mark.parametrize(
    ("value", "is_one"),
    [
        # the check digits of a French id: (12 + 3 * (303265045 mod 97)) mod 97 = 40
        ("FR40303265045", True),
        ("FR 40 303 265 045", True),
        ("FR41303265045", False),
        ("40303265045", False),
        ("DE136695976", True),
        ("DE136695978", False),
        ("EL094259216", True),
        ("GB980780684", True),
        ("US123456789", False),
        ("", False),
    ],
)
def test_vat_ids(value, is_one):
    assert forms.is_vat_id(value) is is_one
