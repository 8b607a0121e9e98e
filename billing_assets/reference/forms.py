"""Whether e-mail addresses, telephone numbers and VAT ids have the right form; nobody is asked over a network.

Each is answered once per value that occurs, as a small table that the rules join.
"""

from collections.abc import Iterable

import email_validator
import phonenumbers
import pyarrow as pa
from stdnum import exceptions, get_cc_module
from stdnum.eu import vat


def vat_ids(values: Iterable[str]) -> pa.Table:
    """vat_id and vat_id_well_formed."""
    return pa.table(
        {"vat_id": pa.array(known := list(values), pa.string()),
         "vat_id_well_formed": pa.array([is_vat_id(value) for value in known], pa.bool_())}
    )  # fmt: skip


def malformed_emails(values: Iterable[str]) -> pa.Table:
    """malformed_email: those of the addresses that are none."""
    return pa.table({"malformed_email": pa.array([v for v in values if not is_email(v)], pa.string())})


def malformed_phones(values: Iterable[tuple[str, str]]) -> pa.Table:
    """malformed_phone and phone_country: those of the numbers, with the account's country, that are none."""
    wrong = [(phone, country) for phone, country in values if not is_phone(phone, country)]
    return pa.table(
        {"malformed_phone": pa.array([phone for phone, _ in wrong], pa.string()),
         "phone_country": pa.array([country for _, country in wrong], pa.string())}
    )  # fmt: skip


def is_vat_id(value: str) -> bool:
    """Whether a VAT id of the EU, or of another country whose rules are known, has the right form and check digits."""
    if vat.is_valid(value):
        return value[:2].isalpha()
    country = get_cc_module(value[:2].lower(), "vat") if value[:2].isalpha() else None
    try:
        return country is not None and bool(country.validate(value))
    except exceptions.ValidationError:
        return False


def is_email(value: str) -> bool:
    try:
        email_validator.validate_email(value, check_deliverability=False)
    except email_validator.EmailNotValidError:
        return False
    return True


def is_phone(value: str, country: str) -> bool:
    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(value, country))
    except phonenumbers.NumberParseException:
        return False
