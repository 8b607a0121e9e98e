"""What discounts take off in January 2026, for the tests of the stage."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from month_of_discounts import discount_items
from sample_rows import Row


@pytest.fixture(scope="module")
def items(engine, table) -> Callable[..., list[Row]]:
    return lambda *discounts, **made: discount_items(table, engine, discounts, **made)


@pytest.fixture(scope="module")
def taken_off(items) -> Callable[..., dict[tuple[str, str], Decimal]]:
    """{(discount, product): amount} of the same, where no product has two service periods."""

    def run(*discounts: Row, **made: tuple[Row, ...]) -> dict[tuple[str, str], Decimal]:
        found = [((row["source_id"], row["product_id"]), row["amount"]) for row in items(*discounts, **made)]
        assert len(dict(found)) == len(found)
        return dict(found)

    return run
