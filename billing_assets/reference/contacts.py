"""Which contacts can be used: those of a known account, with addresses and numbers of the right form."""

from collections.abc import Callable, Iterable

import ibis
import ibis.expr.types as ir

from billing_assets.records import first_reason
from billing_assets.reference import forms
from billing_assets.reference.tables import REJECTED_CONTACTS


def judge_contacts(
    contacts: ir.Table, accounts: ir.Table, languages: Iterable[str], rows: Callable[[ir.Table], list[dict]]
) -> tuple[ir.Table, ir.Table]:
    """Split typed contacts into those that can be used, and the others.

    Reasons: UNKNOWN_ACCOUNT, INVALID_EMAIL, INVALID_PHONE, UNKNOWN_LANGUAGE.
    """
    known = accounts.select(known_account="account_id", account_country="country")
    joined = contacts.left_join(known, contacts.account_id == known.known_account)
    emails = rows(joined.filter(joined.email.notnull()).select("email").distinct())
    phones = rows(
        joined.filter(joined.phone.notnull() & joined.known_account.notnull())
        .select("phone", "account_country").distinct()
    )  # fmt: skip
    bad_emails = ibis.memtable(forms.malformed_emails(row["email"] for row in emails))
    bad_phones = ibis.memtable(forms.malformed_phones((row["phone"], row["account_country"]) for row in phones))
    joined = joined.left_join(bad_emails, joined.email == bad_emails.malformed_email)
    joined = joined.left_join(
        bad_phones,
        [joined.phone == bad_phones.malformed_phone, joined.account_country == bad_phones.phone_country],
    )
    judged = first_reason(
        joined,
        (joined.known_account.isnull(), "UNKNOWN_ACCOUNT", "account_id", joined.account_id),
        (joined.malformed_email.notnull(), "INVALID_EMAIL", "email", joined.email),
        (joined.malformed_phone.notnull(), "INVALID_PHONE", "phone", joined.phone),
        (
            joined.language.notnull() & ~joined.language.isin(sorted(languages)),
            "UNKNOWN_LANGUAGE",
            "language",
            joined.language,
        ),
    )
    return (
        judged.filter(judged.reason.isnull()).select(contacts.columns),
        REJECTED_CONTACTS.shape(judged.filter(judged.reason.notnull())),
    )
