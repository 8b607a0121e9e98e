"""Prepaid credits: which of them pay."""

import ibis
import ibis.expr.types as ir

from billing_assets.exact import to_currency, zero
from billing_assets.prepaid.tables import PREPAID_CREDITS, REJECTED_PREPAID_CREDITS
from billing_assets.records import first_reason


def judge_credits(
    rows: ir.Table, accounts: ir.Table, currencies: ir.Table, products: ir.Table
) -> tuple[ir.Table, ir.Table]:
    """Split typed credits into those that pay and the others.

    Reasons: UNKNOWN_ACCOUNT, PAID_BY_ANOTHER, UNKNOWN_CURRENCY, NOTHING_PREPAID, NOT_IN_COINS, UNKNOWN_PRODUCT,
    END_BEFORE_START.
    """
    known = accounts.select("payer_account_id", known_account="account_id")
    coins = currencies.select("digits", known_currency="currency")
    found = rows.left_join(known, rows.account_id == known.known_account)
    found = found.left_join(coins, found.currency == coins.known_currency)
    named = rows.select("credit_id", product_id=rows.product_ids.split("|").unnest())
    strange = named.anti_join(products, "product_id").group_by(strange_credit="credit_id")
    strange = strange.aggregate(strange_product=ibis._.product_id.min())
    found = found.left_join(strange, found.credit_id == strange.strange_credit)
    judged = first_reason(
        found,
        (found.known_account.isnull(), "UNKNOWN_ACCOUNT", "account_id", found.account_id),
        (found.payer_account_id != found.account_id, "PAID_BY_ANOTHER", "account_id", found.account_id),
        (found.known_currency.isnull(), "UNKNOWN_CURRENCY", "currency", found.currency),
        (found.amount <= zero(), "NOTHING_PREPAID", "amount", found.amount),
        (found.amount != to_currency(found.amount, found.digits), "NOT_IN_COINS", "amount", found.amount),
        (found.strange_product.notnull(), "UNKNOWN_PRODUCT", "product_ids", found.strange_product),
        (found.valid_to <= found.valid_from, "END_BEFORE_START", "valid_to", found.valid_to),
    )
    return (
        PREPAID_CREDITS.shape(judged.filter(judged.reason.isnull())),
        REJECTED_PREPAID_CREDITS.shape(judged.filter(judged.reason.notnull())),
    )
