"""What `billing explain` says of an event that a customer and its resellers pay for."""

import pytest
from sample_rows import measured_event, rated_item, udr

from billing_assets.rating.tables import MEASURED_USAGE, RATED_ITEMS
from billing_assets.usage.tables import UDRS
from jobs.explain_item import explain_item

DAY = "2026-01-15"
PRICE = {"rate_plan": "PLAN", "plan_version": 1, "rate_model": "flat", "packages": "none"}
WHOLESALE = {"subscription_id": None, "leg": "vendor_to_reseller", "payer_account_id": "BIG"}


@pytest.fixture
def told(lake, table):
    """What is said of the event U1, without the record itself."""

    def run(rated=(), measured=()) -> list[str]:
        for contract, rows in (
            (UDRS, [udr(source_file="calls.csv")]),
            (RATED_ITEMS, rated),
            (MEASURED_USAGE, measured),
        ):
            lake.write_days(contract, table(contract, *rows), [DAY])
        record, place, *rest = explain_item(lake, "U1")
        assert (record, place) == ("event U1: 60 s at 2026-01-15 13:00:00 local time", "  from calls.csv:2")
        return rest

    return run


def test_everyone_who_pays_is_told_by_itself_the_customer_first(told):
    own = rated_item(**PRICE, leg="reseller_to_customer", split=1, amount="0.60")
    other = own | {"split": 2}
    resold = rated_item(**PRICE, **WHOLESALE, rate_id="W", unit_price="0.004", unit_amount="0.24", amount="0.24")
    assert told([resold, other, own]) == [
        "reseller to customer, paid by ANNA",
        "  part 1: 60 of it from 2026-01-15 13:00:00",
        "  rate RATE (flat) of plan PLAN version 1",
        "  0.6000000000  60 s * 0.01",
        "  0.6000000000 EUR",
        "  part 2: 60 of it from 2026-01-15 13:00:00",
        "  rate RATE (flat) of plan PLAN version 1",
        "  0.6000000000  60 s * 0.01",
        "  0.6000000000 EUR",
        "1.2000000000 EUR together",
        "vendor to reseller, paid by BIG",
        "  rate W (flat) of plan PLAN version 1",
        "  0.2400000000  60 s * 0.004",
        "  0.2400000000 EUR",
    ]


def test_one_may_pay_by_the_event_and_the_other_by_the_month(told):
    own = rated_item(rating_type="pre_rated", leg="reseller_to_customer", amount="1.50")
    assert told([own], [measured_event(**WHOLESALE, rate_id="W")]) == [
        "reseller to customer, paid by ANNA",
        "  1.5000000000 EUR, priced by its source",
        "vendor to reseller, paid by BIG",
        "  1 for the total of the month of rate W",
    ]
