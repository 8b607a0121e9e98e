"""Which events roll up into one charge, where their tax depends on where they were."""

import pytest
from sample_rows import rated_item, udr

from billing_assets.rating.charge import with_charge_key, with_locations
from billing_assets.rating.tables import RATED_ITEMS
from billing_assets.usage.tables import UDRS

PLACES = (("10001", "94103"), ("10001", "94103"), ("10002", "94103"), (None, "94103"))


@pytest.fixture(scope="module")
def keyed(rows, table):
    """The charge keys and caller locations of events at PLACES, where some attributes are declared."""

    def run(*declared: str) -> tuple[list[str], list[str | None]]:
        given = [
            udr(
                udr_id=f"U{n}",
                attributes={k: v for k, v in zip(("caller_location", "called_location"), at, strict=True) if v},
            )
            for n, at in enumerate(PLACES)
        ]
        located = with_locations(table(UDRS, *given), declared)
        rated = table(RATED_ITEMS, *(rated_item(udr_id=f"U{n}") for n in range(len(PLACES))))
        rated = rated.drop("caller_location", "called_location", "charge_key")
        own = [c for c in located.columns if c in declared]
        made = rows(with_charge_key(rated.join(located.select("udr_id", *own), "udr_id")).order_by("udr_id"))
        return [row["charge_key"] for row in made], [row["caller_location"] for row in made]

    return run


def test_events_of_different_places_are_charges_of_their_own(keyed):
    keys, callers = keyed("caller_location", "called_location", "cell")
    assert callers == ["10001", "10001", "10002", None]
    assert keys[0] == keys[1] and len(set(keys)) == 3


def test_places_that_no_type_declares_are_no_part_of_a_charge(keyed):
    keys, callers = keyed("cell")
    assert callers == [None] * 4 and len(set(keys)) == 1
    assert len(set(keyed("called_location")[0])) == 1
