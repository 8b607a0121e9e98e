"""From the copy of the CRM to accounts that are billed: what billing owns, closed accounts, contacts, the graph."""

import pytest
from tests_support import QUIET, TABLES, Company

from billing_assets.contract import ConfigurationError
from billing_assets.definitions import build_defs
from billing_assets.orders.tables import SUBSCRIPTIONS
from billing_assets.reference.tables import ACCOUNTS, CONTACTS, REJECTED_ACCOUNTS, REJECTED_CONTACTS
from jobs.definitions import SNAPSHOT
from resources.event_log import ephemeral_instance

COLUMNS = ("account_id", "name", "role", "vendor_account_id", "country", "currency", "time_zone", "billing_cycle",
           "bill_to_account_id", "vat_id")  # fmt: skip
CRM = """
[crm]
kind = "files"
url = "crm"

[crm.accounts]
source = "accounts.csv"

[crm.accounts.columns]
{}

[crm.contacts]
source = "contacts.csv"

[crm.contacts.columns]
contact_id = "id"
account_id = "account"
name = "name"
email = "email"
phone = "phone"
""".format("\n".join(f'{name} = "{name}"' for name in COLUMNS))
ANNA = TABLES["accounts"][1]


@pytest.fixture
def of_crm(company: Company) -> Company:
    """The small company, whose accounts come from a CRM that knows of no billing cycle but its own."""
    company.write("billing.toml", (company.root / "billing.toml").read_text() + CRM)
    (company.root / "accounts.csv").unlink()
    (company.root / "crm").mkdir()
    accounts = [TABLES["accounts"][0], ANNA | {"billing_cycle": "gold", "bill_to_account_id": "GROUP"}]
    company.table("crm/accounts", [{c: row.get(c, "") for c in COLUMNS} for row in accounts])
    company.table("account_billing_settings", [
        {"account_id": "ANNA", "billing_cycle": "first", "bill_to_account_id": "ANNA", "tax_status": "exempt"},
    ])  # fmt: skip
    company.table("crm/contacts", [
        {"id": 1, "account": "ANNA", "name": "Anna", "email": "anna@example.org", "phone": "01 42 68 53 00"},
        {"id": 2, "account": "ANNA", "name": "Bob", "email": "bob at home", "phone": ""},
        {"id": 3, "account": "NOBODY", "name": "Cleo", "email": "", "phone": ""},
    ])  # fmt: skip
    return company


def _snapshot(company: Company, lake) -> list[str]:
    """Take the company in; the checks that warn."""
    job = build_defs(company.root, lake.root).resolve_job_def(SNAPSHOT)
    with ephemeral_instance() as instance:
        result = job.execute_in_process(instance=instance, run_config=QUIET)
    return sorted(check.check_name for check in result.get_asset_check_evaluations() if not check.passed)


def test_what_billing_owns_wins_and_a_vanished_account_is_closed(of_crm, lake, rows):
    assert _snapshot(of_crm, lake) == []
    (anna, _) = rows(lake.read(ACCOUNTS).order_by("account_id"))
    assert (anna["billing_cycle"], anna["payer_account_id"], anna["tax_status"]) == ("first", "ANNA", "exempt")
    assert [row["contact_id"] for row in rows(lake.read(CONTACTS))] == ["1"]
    refused = rows(lake.read(REJECTED_CONTACTS).order_by("source_line"))
    assert [(row["contact_id"], row["reason"], row["source_file"], row["source_line"]) for row in refused] == [
        ("2", "INVALID_EMAIL", "contacts.csv", 3),
        ("3", "UNKNOWN_ACCOUNT", "contacts.csv", 4),
    ]
    # Anna is gone from the CRM: closed, still billed, and somebody is told
    company = TABLES["accounts"][0]
    of_crm.table("crm/accounts", [{c: company.get(c, "") for c in COLUMNS}])
    assert _snapshot(of_crm, lake) == ["closed_accounts_have_ended"]
    (anna, _) = rows(lake.read(ACCOUNTS).order_by("account_id"))
    assert anna["closed_on"] is not None
    assert [row["account_id"] for row in rows(lake.read(SUBSCRIPTIONS))] == ["ANNA"]


@pytest.mark.long
def test_a_vat_id_of_the_wrong_form_warns_and_is_billed_all_the_same(company, lake, rows):
    company.table("accounts", [
        TABLES["accounts"][0] | {"vat_id": "FR40303265045"}, ANNA | {"vat_id": "FR41303265045"},
    ])  # fmt: skip
    assert _snapshot(company, lake) == ["vat_ids_well_formed"]
    assert rows(lake.read(REJECTED_ACCOUNTS)) == []
    found = rows(lake.read(ACCOUNTS).order_by("account_id").select("account_id", "vat_id_well_formed"))
    assert found == [
        {"account_id": "ANNA", "vat_id_well_formed": False},
        {"account_id": "VENDOR", "vat_id_well_formed": True},
    ]


def test_accounts_come_from_one_place(of_crm, lake):
    of_crm.table("accounts", TABLES["accounts"])
    with pytest.raises(ConfigurationError, match=r"accounts\.csv: billing\.toml says under \[crm\] where accounts"):
        _snapshot(of_crm, lake)
