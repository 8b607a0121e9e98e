"""What bundles and commitments may not be."""

import pytest
from configuration import COMMITTED, OWED
from sample_rows import (
    bundle,
    bundle_condition,
    commitment,
    rate,
)

FRANCE = {"bundle_id": "FRANCE", "zone_id": "FR"}


@pytest.mark.parametrize(
    ("values", "conditions", "is_apart"),
    [
        ({"zone_id": "FR"}, {}, False),
        ({}, {}, False),
        ({"product_id": None}, {}, False),
        ({"product_id": None}, {"udr_type": "charging"}, True),
        ({"product_id": None}, {"udr_type": "charging|voice"}, False),
        ({"product_id": "DATA"}, {}, True),
        ({}, {"time_band_id": "night"}, False),
        ({"priority": 1}, {}, True),
        ({"effect": "commit", "included_quantity": None}, {}, True),
        ({"price_plan_id": "DRIVE"}, {}, True),
        ({"valid_from": "1901-01-01"}, {}, True),
    ],
)
def test_two_bundles_of_a_priority_take_no_event_both(sentence, values, conditions, is_apart):
    """Beside 100 calls to France in 1900: calls there, anywhere, of any product, of another type, and so on."""
    other = bundle(**{"bundle_id": "OTHER"} | values, source_line=3)
    found = sentence(
        bundles=[bundle(**FRANCE, valid_to="1901-01-01"), other], bundle_levels=[],
        commitments=[commitment(**OWED | {"bundle_id": "OTHER"})] if "effect" in values else [],
        bundle_conditions=[
            bundle_condition(bundle_id="OTHER", field=field, allowed_values=value)
            for field, value in conditions.items()
        ],
    )  # fmt: skip
    words = "bundle 'OTHER' takes events that bundle 'FRANCE' takes as well: give one of them another priority"
    assert found == ("" if is_apart else f"bundles.csv, line 3: {words}")


def test_overage_is_in_the_currency_of_the_plan(sentence):
    alone = {"bundle_levels": [], "bundle_conditions": [], "commitments": []}
    words = "bundles.csv, line 2: overage_rate_id 'OVER' is in another currency, or on another basis of tax"
    assert sentence(bundles=[bundle(overage_rate_id="OVER")], **alone) == ""
    assert sentence(bundles=[bundle(overage_rate_id="OVER", price_plan_id="POUNDS")], **alone) == words


def test_bundles_that_accounts_share(sentence):
    """A group needs members, and somebody has to owe a commitment."""
    shared = [bundle(scope="group")]
    alone = {"bundle_levels": [], "bundle_conditions": [], "commitments": []}
    words = "bundles.csv, line 2: scope 'group' has no members: account_groups is empty"
    assert sentence(bundles=shared, account_groups=[], **alone) == words
    assert sentence(bundles=shared, **alone) == ""
    owed = [bundle(**COMMITTED, scope="hierarchy")]
    words = "bundle_id 'COMMITTED' is shared by accounts none of which owes it: use the scope payer"
    found = sentence(bundles=owed, **alone | {"commitments": [commitment(**OWED)]})
    assert found == f"commitments.csv, line 2: {words}"


@pytest.mark.parametrize(
    ("values", "conditions", "rates", "words"),
    [
        ({"measure": "amount"}, (), (), "bundles.csv, line 2: counts_in_tiers 'true' is for included units"),
        ({}, (), (), "bundles.csv, line 2: counts_in_tiers 'true' is for totals of the month, which no rate prices"),
        ({}, ({"field": "attribute:cell", "allowed_values": "1"},), ({"priced_by": "month"},),
         "bundle_conditions.csv, line 2: field 'attribute:cell' is of records: its bundle covers no totals of the "
         "month"),
        ({}, (), ({"priced_by": "month"},), ""),
    ],
)  # fmt: skip
def test_units_that_count_in_tiers(sentence, values, conditions, rates, words):
    found = sentence(
        bundles=[bundle(counts_in_tiers=True, **values)], bundle_levels=[], commitments=[],
        bundle_conditions=[bundle_condition(**condition) for condition in conditions],
        rates=[rate(**terms) for terms in rates or ({},)],
    )  # fmt: skip
    assert found == words
