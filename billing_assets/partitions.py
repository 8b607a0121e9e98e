"""Partitions of the graph: days of loading and of events, and months; and how they map to each other.

The mappings are lineage: offsets count in downstream units, and Dagster clips them silently at the ends.
What a stage reads is decided by its Run (stage.py), which takes the exact days of a billing window.
"""

from collections.abc import Mapping, Sequence

import dagster as dg

from billing_assets.calendar import first_event_day
from billing_assets.contract import Partition, Table

CYCLE_TAG = "billing/cycle"


class Partitions:
    """The partition definitions of a company whose billing starts here in `first_month`."""

    def __init__(self, first_month: str):
        self.first_month = first_month
        self.months = dg.MonthlyPartitionsDefinition(start_date=first_month, fmt="%Y-%m", end_offset=1, timezone="UTC")
        first = first_event_day(first_month).isoformat()
        self.days = dg.DailyPartitionsDefinition(start_date=first, end_offset=1, timezone="UTC")

    def of(self, table: Table) -> dg.PartitionsDefinition | None:
        if table.partition is Partition.NONE:
            return None
        return self.months if table.partition is Partition.MONTH else self.days

    def dep(self, upstream: Table, downstream: Table) -> dg.AssetDep:
        """The dependency of one table on another, with the partitions that may be needed."""
        return dg.AssetDep(upstream.name, partition_mapping=_mapping(upstream.partition, downstream.partition))

    def previous_month(self, table: Table) -> dg.AssetDep:
        """The dependency of a monthly table on itself, a month before."""
        return dg.AssetDep(table.name, partition_mapping=dg.TimeWindowPartitionMapping(start_offset=-1, end_offset=-1))

    def earlier_months(self, upstream: Table) -> dg.AssetDep:
        """The dependency of a monthly table on another, of the same month and those of the year before."""
        months = dg.TimeWindowPartitionMapping(start_offset=-12, end_offset=0)
        return dg.AssetDep(upstream.name, partition_mapping=months)


def _mapping(upstream: Partition, downstream: Partition) -> dg.PartitionMapping | None:
    if upstream is Partition.LOAD_DAY and downstream is Partition.EVENT_DAY:
        return dg.TimeWindowPartitionMapping(start_offset=-1, end_offset=400)
    if upstream.is_daily and downstream is Partition.MONTH:
        return dg.TimeWindowPartitionMapping(start_offset=-1, end_offset=1)
    return None


RANGE_START = "dagster/asset_partition_range_start"
RANGE_END = "dagster/asset_partition_range_end"
ONE = "dagster/partition"


def range_tags(days: Sequence[str]) -> dict[str, str]:
    """The run tags of one run over consecutive partitions."""
    return {RANGE_START: days[0], RANGE_END: days[-1]}


def selected_days(days: dg.PartitionsDefinition, tags: Mapping[str, str]) -> list[str]:
    """The days that a run was asked for, from its tags: a range, or one."""
    first = tags.get(RANGE_START, tags.get(ONE, ""))
    last = tags.get(RANGE_END, tags.get(ONE, ""))
    return list(days.get_partition_keys_in_range(dg.PartitionKeyRange(first, last)))
