"""Checks of the reference stage: what is odd about accounts, though they can be billed."""

from billing_assets.quality import Check, some
from billing_assets.reference.tables import ACCOUNT_BILLING_SETTINGS, ACCOUNTS
from billing_assets.run import Run


def vat_ids_well_formed(run: Run) -> list[dict]:
    accounts = run(ACCOUNTS)
    malformed = accounts.filter(~accounts.vat_id_well_formed)
    return some(run, malformed.select("account_id", "vat_id", "source_file", "source_line").order_by("account_id"))


def billing_settings_used(run: Run) -> list[dict]:
    unused = run(ACCOUNT_BILLING_SETTINGS).anti_join(run(ACCOUNTS), "account_id")
    return some(run, unused.select("account_id", "source_file", "source_line").order_by("account_id"))


CHECKS = (
    Check(ACCOUNTS, "vat_ids_well_formed",
          "VAT ids have the right form and check digits; an account with another one is billed as one without.",
          vat_ids_well_formed, blocking=False),
    Check(ACCOUNT_BILLING_SETTINGS, "billing_settings_used",
          "The accounts that billing has settings for exist and are not rejected.",
          billing_settings_used, blocking=False),
)  # fmt: skip
