"""Exemption certificates: which of them count.

They are records that are sent as they come in: one that cannot be used is rejected with its reason, and its account
is taxed. At any time an account has one certificate for a tax code.
"""

import ibis.expr.types as ir

from billing_assets.records import first_reason
from billing_assets.reference.tables import ANY
from billing_assets.taxes.tables import REJECTED_TAX_EXEMPTIONS, TAX_EXEMPTIONS

_VATEX = r"^VATEX-[A-Z]{2}-[0-9A-Z-]+$"


def judge_exemptions(rows: ir.Table, accounts: ir.Table, tax_codes: ir.Table) -> tuple[ir.Table, ir.Table]:
    """Split typed certificates into those that count and the others.

    Reasons: UNKNOWN_ACCOUNT, UNKNOWN_TAX_CODE, UNKNOWN_REASON_CODE, END_BEFORE_START, OVERLAPPING_EXEMPTION (one that
    is valid while one of an earlier line is, for the same tax code or where one of the two is for any).
    """
    known = accounts.select(known_account="account_id")
    codes = tax_codes.select(known_code="tax_code")
    found = rows.left_join(known, rows.account_id == known.known_account)
    found = found.left_join(codes, found.tax_code == codes.known_code)
    strange_code = found.known_code.isnull() & (found.tax_code != ANY)
    judged = first_reason(
        found,
        (found.known_account.isnull(), "UNKNOWN_ACCOUNT", "account_id", found.account_id),
        (strange_code, "UNKNOWN_TAX_CODE", "tax_code", found.tax_code),
        (~found.reason_code.re_search(_VATEX), "UNKNOWN_REASON_CODE", "reason_code", found.reason_code),
        (found.valid_to <= found.valid_from, "END_BEFORE_START", "valid_to", found.valid_to),
    )
    overlapping = _overlapping(judged.filter(judged.reason.isnull()))
    placed = judged.left_join(overlapping, judged.certificate_id == overlapping.overlapping_id)
    placed = first_reason(
        placed,
        (placed.reason.notnull(), None, None, None),
        (placed.overlapping_id.notnull(), "OVERLAPPING_EXEMPTION", "valid_from", placed.valid_from),
    )
    return (
        TAX_EXEMPTIONS.shape(placed.filter(placed.reason.isnull())),
        REJECTED_TAX_EXEMPTIONS.shape(placed.filter(placed.reason.notnull())),
    )


def _overlapping(usable: ir.Table) -> ir.Table:
    """overlapping_id: the certificates that are valid while one of an earlier line is."""
    earlier = usable.select(
        holder="account_id", of_code="tax_code", held_from="valid_from", held_to="valid_to", held_line="source_line"
    )
    pairs = usable.join(
        earlier,
        [
            usable.account_id == earlier.holder,
            usable.source_line > earlier.held_line,
            usable.valid_from < earlier.held_to,
            earlier.held_from < usable.valid_to,
        ],
    )
    same = pairs.filter((pairs.tax_code == pairs.of_code) | (pairs.tax_code == ANY) | (pairs.of_code == ANY))
    return same.select(overlapping_id="certificate_id").distinct()
