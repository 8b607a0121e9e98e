"""The ledger: postings in their order, their files, invoices and numbers."""

import sqlalchemy as sa
from alembic import op

from resources.store import CODE, Money

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "postings",
        sa.Column("posting_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("billing_cycle", sa.Text, nullable=False),
        sa.Column("posted_at", sa.String(32), nullable=False),
        sa.Column("posted_by", sa.Text, nullable=False),
        sa.Column("code_version", sa.Text, nullable=False),
        sa.Column("previous_hash", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.UniqueConstraint("month", "billing_cycle"),
    )
    op.create_table(
        "posted_files",
        sa.Column("posting_id", sa.Integer, sa.ForeignKey("postings.posting_id"), primary_key=True),
        sa.Column("file", sa.Text, primary_key=True),
        sa.Column("sha256", sa.String(64), nullable=False),
    )
    op.create_table(
        "posted_invoices",
        sa.Column("invoice_id", CODE, primary_key=True),
        sa.Column("posting_id", sa.Integer, sa.ForeignKey("postings.posting_id"), nullable=False, index=True),
        sa.Column("invoice_number", sa.Text, nullable=False),
        sa.Column("document_type", sa.Text, nullable=False),
        sa.Column("vendor_account_id", sa.Text, nullable=False),
        sa.Column("payer_account_id", sa.Text, nullable=False, index=True),
        sa.Column("issue_date", sa.Date, nullable=False),
        sa.Column("due_date", sa.Date, nullable=False),
        sa.Column("net_amount", Money, nullable=False),
        sa.Column("tax_amount", Money, nullable=False),
        sa.Column("gross_amount", Money, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.UniqueConstraint("vendor_account_id", "invoice_number"),
    )
    op.create_table(
        "number_series",
        sa.Column("vendor_account_id", sa.Text, primary_key=True),
        sa.Column("document_type", sa.Text, primary_key=True),
        sa.Column("year", sa.Integer, primary_key=True),
        sa.Column("last_number", sa.BigInteger, nullable=False),
    )
