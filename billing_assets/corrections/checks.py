"""Checks of the corrections stage: they are those of today's ledger, and they set it right."""

import ibis
import ibis.expr.types as ir

from billing_assets.corrections.earlier import compared, first_corrected, owed_corrections
from billing_assets.corrections.tables import CORRECTION_ITEMS
from billing_assets.exact import total
from billing_assets.ledger.tables import POSTED_INVOICES
from billing_assets.quality import Check, differing, some
from billing_assets.reference.tables import ACCOUNTS
from billing_assets.run import Run


def made_of_todays_ledger(run: Run) -> list[dict]:
    owed, made = run.cache(owed_corrections(run)), run(CORRECTION_ITEMS)
    shown = ("item_id", "corrects_month", "label", "amount")
    missing, stale = owed.anti_join(made, "item_id"), made.anti_join(owed, "item_id")
    return some(run, missing.select(shown).union(stale.select(shown)))


def ledger_set_right(run: Run) -> list[dict]:
    both = compared(run)
    if both is None:
        return []
    key = ["payer_account_id", "charged_month", "currency"]
    corrections = run(CORRECTION_ITEMS).rename(charged_month="corrects_month")
    stands = ibis.union(*(rows.select(*key, "amount") for rows in (both.posted, corrections)))
    return some(run, differing(_sums(stands, key), _sums(both.due, key), key, "amount"))


def _sums(rows: ir.Table, key: list[str]) -> ir.Table:
    return rows.group_by(*key).aggregate(amount=total(rows.amount))


def payers_there(run: Run) -> list[dict]:
    first = first_corrected(run)
    postings = [p for p in run.ledger.postings() if first <= p.month < run.month and p.billing_cycle in run.cycles]
    posted, accounts = run.ledger.read(POSTED_INVOICES, postings), run(ACCOUNTS)
    gone = posted.anti_join(accounts, posted.payer_account_id == accounts.account_id)
    return some(run, gone.select("invoice_number", "payer_account_id", "gross_amount", "currency"))


CHECKS = (
    Check(CORRECTION_ITEMS, "made_of_todays_ledger",
          "The corrections are the difference between the drafts of today and the ledger of today; else bill the month "
          "again.", made_of_todays_ledger),
    Check(CORRECTION_ITEMS, "ledger_set_right",
          "What was posted and the corrections come to what is due, per account, month and currency.",
          ledger_set_right),
    Check(CORRECTION_ITEMS, "payers_there",
          "Whoever paid a month that is corrected still has an account: without one nothing of it is corrected.",
          payers_there, blocking=False),
)  # fmt: skip
