"""What discounts, their criteria, and users may not be."""

import pytest
from sample_rows import (
    collaboration,
    criterion,
    definition,
    role,
    unit,
    user,
)

RANGE = {"value": None, "minimum_value": "5", "maximum_value": "20"}
RENEWED = {"given": "automatic", "renewal_months": 12, "duration_months": 12, "valid_from": "2026-01-01",
           "valid_to": "2036-01-01"}  # fmt: skip
OF_JOB = {"target": "service_job"}
AMOUNT = {"discount_type": "amount", "currency": "EUR"}
AUTOMATIC = {"given": "automatic"}


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        (RANGE, ""),
        (AMOUNT | RANGE | {"allowed_units": "shop", "approval_unit": "shop", "times_per_year": 3}, ""),
        ({"minimum_value": "5", "maximum_value": "20"},
         "discount_definition_id 'TEN' has neither one value nor a least and a most one"),
        (RANGE | {"maximum_value": None},
         "discount_definition_id 'TEN' has neither one value nor a least and a most one"),
        (RANGE | {"maximum_value": "4"}, "maximum_value '4.0000000000' is below minimum_value"),
        ({"value": "0"}, "value '0.0000000000' is not above 0"),
        ({"value": "100.01"}, "value '100.0100000000' is no percentage up to 100"),
        ({"discount_type": "free_period", "value": "1.5"},
         "value '1.5000000000' is no whole number of months up to 1200"),
        ({"discount_type": "free_usage", "unit": "s", "value": "400000001"},
         "value '400000001.0000000000' is above 400000000"),
        (AUTOMATIC | RANGE, "minimum_value '5.0000000000' is for discounts that are asked for"),
        (AUTOMATIC | {"approval_unit": "shop"}, "approval_unit 'shop' is for discounts that are asked for"),
        ({"discount_type": "free_period", "value": "3", "reduces_commitments": True},
         "reduces_commitments 'true' does not go with its discount_type"),
        (AMOUNT | {"duration_months": 2}, "duration_months '2' does not go with its discount_type"),
        ({"duration_months": 0}, "duration_months '0' is not between 1 and 1200"),
        ({"times_per_year": 0}, "times_per_year '0' is below 1"),
        ({"discount_type": "amount"}, "currency '' does not go with its discount_type"),
        ({"currency": "EUR"}, "currency 'EUR' does not go with its discount_type"),
        ({"unit": "s"}, "unit 's' does not go with its discount_type"),
        (AMOUNT | {"currency": "XXX"}, "currency 'XXX' is no known currency"),
        (OF_JOB, ""),
        (OF_JOB | {"discount_type": "free_period", "value": "3"},
         "discount_type 'free_period' does not go with the target service_job"),
        (OF_JOB | {"duration_months": 3}, "duration_months '3' does not go with the target service_job"),
        (OF_JOB | {"reduces_commitments": True}, "reduces_commitments 'true' does not go with the target service_job"),
        (RENEWED, ""),
        (RENEWED | {"given": "ad_hoc"}, "renewal_months '12' is for automatic discounts"),
        (RENEWED | {"duration_months": None}, "renewal_months '12' needs a duration_months"),
        (RENEWED | {"duration_months": 13}, "renewal_months '12' is shorter than what it renews"),
        (RENEWED | {"renewal_months": 121}, "renewal_months '121' is not between 1 and 120"),
        (RENEWED | {"valid_to": "2036-02-01"}, "renewal_months '12' needs a validity of at most 120 months"),
        (RENEWED | {"duration_months": None, "discount_type": "free_period", "value": "1", "starts_on": "agreement"},
         "renewal_months '12' is for free months of any_day"),
        ({"allowed_units": "shop|X"}, "organisational_unit 'X' is no known organisational_unit"),
        ({"approval_unit": "X"}, "approval_unit 'X' is no known organisational_unit"),
        ({"valid_from": "2026-02-01", "valid_to": "2026-02-01"}, "valid_to '2026-02-01' is not after valid_from"),
    ],
)  # fmt: skip
def test_definitions_of_discounts(sentence, terms, said):
    found = sentence(discount_definitions=[definition(**terms)], organisational_units=[unit()])
    assert found == (said and f"discount_definitions.csv, line 2: {said}")


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"field": "product_id", "allowed_values": "CALLS|X"}, "product_id 'X' is no known product_id"),
        ({"field": "udr_type", "allowed_values": "X"}, "udr_type 'X' is no known udr_type"),
        ({"field": "price_plan_id", "allowed_values": "X"}, "price_plan_id 'X' is no known price_plan_id"),
        ({"field": "segment", "allowed_values": "X"}, "segment_id 'X' is no known segment_id"),
        ({"field": "account_id", "allowed_values": "X"}, ""),
        ({"field": "job_completion", "allowed_values": "late"},
         "field 'job_completion' is for discounts of the target service_job"),
        ({"field": "country", "allowed_values": "FR", "discount_definition_id": "X"},
         "discount_definition_id 'X' is no known discount_definition_id"),
    ],
)  # fmt: skip
def test_criteria_of_discounts(sentence, values, said):
    found = sentence(discount_definitions=[definition()], discount_criteria=[criterion(**values)])
    assert found == (said and f"discount_criteria.csv, line 2: {said}")


def test_units_of_users_and_collaborations(sentence):
    units, roles = [unit(), unit(organisational_unit="partner", source_line=3)], [role()]
    known = {"organisational_units": units, "roles": roles, "users": [user()]}
    assert sentence(**known, unit_collaborations=[collaboration()]) == ""
    assert sentence(roles=roles, users=[user()]) == (
        "users.csv, line 2: organisational_unit 'shop' is no known organisational_unit"
    )
    assert sentence(organisational_units=units, unit_collaborations=[collaboration(collaborates_with="X")]) == (
        "unit_collaborations.csv, line 2: collaborates_with 'X' is no known organisational_unit"
    )
