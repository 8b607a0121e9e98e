"""What bench.py measures beside a whole run, each in a process of its own: copying, checks, Dagster alone.

Every command prints JSON. Nothing here knows how the figures are put together.

    python benchmarks/measured.py copy LAKE TARGET
    python benchmarks/measured.py checks INPUTS LAKE
    python benchmarks/measured.py dagster
"""

import argparse
import json
import time
from pathlib import Path

MONTH = "2026-01"
COPIED = {"raw_usage": "load_day", "rated_items": "event_day"}
NO_OP_STEPS = 40
NO_OP_PARTITIONS = 400


def copy(lake: Path, target: Path) -> dict:
    """Scan the two largest tables and write them again, cut and compressed as they are."""
    import duckdb

    target.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect(config={"memory_limit": "1GB", "preserve_insertion_order": False})
    copied = {}
    for table, day in COPIED.items():
        source, wall, cpu = lake / table, time.perf_counter(), time.process_time()
        connection.execute(
            f"COPY (FROM read_parquet('{source}/*/*.parquet', hive_partitioning = false)) TO '{target / table}' "
            f"(FORMAT parquet, COMPRESSION zstd, PARTITION_BY ({day}), WRITE_PARTITION_COLUMNS true)"
        )
        copied[table] = {"seconds": time.perf_counter() - wall, "cpu_seconds": time.process_time() - cpu}
    connection.close()
    return copied


def checks(inputs: Path, lake: Path) -> dict:
    """Every check of every stage on a lake that is done, one after the other."""
    wall, cpu = time.perf_counter(), time.process_time()
    import great_expectations.expectations  # noqa: F401

    found = {"import of great_expectations": _since(wall, cpu)}
    from billing_assets.contract import Partition
    from billing_assets.definitions import checks_of
    from billing_assets.documents.assets import invoice_documents
    from billing_assets.run import Run
    from billing_assets.stages import STAGES
    from billing_assets.tables import INPUT_TABLES
    from resources.engine import open_engine
    from resources.inputs import Inputs
    from resources.lake import Lake

    with open_engine() as engine:
        opened, given = Lake(lake.resolve(), engine), Inputs(inputs.resolve(), INPUT_TABLES)
        # documents have a job of their own, which a billing run leaves out
        made = [stage for stage in STAGES if stage is not invoice_documents]
        for stage in made:
            days = opened.keys(stage.tables[0]) if stage.partition.is_daily else ()
            month = MONTH if stage.partition is Partition.MONTH else ""
            for check in checks_of(stage):
                wall, cpu = time.perf_counter(), time.process_time()
                with Run(opened, given, MONTH, days=days, month=month) as run:
                    broken = check.find(run)
                found[f"{check.table.name}.{check.name}"] = _since(wall, cpu) | {"passed": not broken}
    return found


def dagster() -> dict:
    """Steps that do nothing, and one step that tells of many partitions: what Dagster takes for itself."""
    import dagster as dg

    from resources.event_log import ephemeral_instance

    days = dg.DailyPartitionsDefinition(start_date="2025-01-01", timezone="UTC")
    keys = days.get_partition_keys()[:NO_OP_PARTITIONS]

    def step(number: int) -> dg.AssetsDefinition:
        @dg.asset(name=f"step_{number}", deps=[f"step_{number - 1}"] if number else [])
        def nothing() -> dg.MaterializeResult:
            return dg.MaterializeResult()

        return nothing

    @dg.asset(partitions_def=days, backfill_policy=dg.BackfillPolicy.single_run())
    def of_days(context: dg.AssetExecutionContext) -> None:
        for key in context.partition_keys:
            context.add_asset_metadata({"dagster/partition_row_count": 0}, asset_key="of_days", partition_key=key)

    chain = dg.define_asset_job("chain", [f"step_{n}" for n in range(NO_OP_STEPS)])
    defs = dg.Definitions(
        [*(step(n) for n in range(NO_OP_STEPS)), of_days],
        jobs=[chain, dg.define_asset_job("one", ["step_0"]), dg.define_asset_job("days", ["of_days"])],
        executor=dg.in_process_executor,
    )
    quiet = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}

    def cost(job: str, tags: dict[str, str] | None = None) -> float:
        definition = defs.resolve_job_def(job)
        with ephemeral_instance() as instance:
            cpu = time.process_time()
            definition.execute_in_process(instance=instance, tags=tags, run_config=quiet)
            return time.process_time() - cpu

    def of_range(count: int) -> float:
        tags = {"dagster/asset_partition_range_start": keys[0], "dagster/asset_partition_range_end": keys[count - 1]}
        return cost("days", tags)

    of_range(1), cost("one")
    return {
        "cpu_ms_per_run": cost("one") * 1000,
        "cpu_ms_per_step": (cost("chain") - cost("one")) * 1000 / (NO_OP_STEPS - 1),
        "cpu_ms_per_partition_event": (of_range(NO_OP_PARTITIONS) - of_range(1)) * 1000 / (NO_OP_PARTITIONS - 1),
    }


def _since(wall: float, cpu: float) -> dict:
    return {"seconds": time.perf_counter() - wall, "cpu_seconds": time.process_time() - cpu}


def main():
    parser = argparse.ArgumentParser(description="Measure one thing by itself, and print it as JSON.")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, folders in {"copy": ("lake", "target"), "checks": ("inputs", "lake"), "dagster": ()}.items():
        command = commands.add_parser(name)
        for folder in folders:
            command.add_argument(folder, type=Path)
    options = vars(parser.parse_args())
    print(json.dumps({"copy": copy, "checks": checks, "dagster": dagster}[options.pop("command")](**options)))


if __name__ == "__main__":
    main()
