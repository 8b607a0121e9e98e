"""What a billing month costs, against SQL written by hand and against copying its files.

Here belongs what is run, in which order, and how the figures relate; what is measured by itself is in
measured.py. Each thing is measured in a process of its own, pipeline and floors in turn on the same
machine, and each keeps the round in which it took the least CPU. CPU seconds compare, wall seconds do not.

    python benchmarks/bench.py [--sizes 100000,1000000,5000000] [--mixes plain,pricing] [--rounds 1] [--folder DIR]
                               [--lines 100000,1000000]

The plain mix has prices per unit; the pricing mix has prices of every kind (pricing_mix.py). The billing schedule of
many subscriptions is measured by itself (schedule.py).

How Dagster's share is found: a run's tasks take more CPU than their stages (`outside_stages`). That is the
checks, which measured.py repeats by themselves, and Dagster, whose steps and partition events it times
empty. Outside of the tasks are imports, planning and the report.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from itertools import product
from pathlib import Path

import company
import compare

HERE = Path(__file__).resolve().parent
MONTH = "2026-01"
# Each hand-written file and the stages that do the same; prices.sql goes with the reference tables.
SAME_WORK = {
    "reference": ("reference",),
    "orders": ("orders", "subscriptions", "discounts"),
    "billing_schedule": ("billing_headers", "billing_schedule"),
    "usage": ("usage_files",),
    "udrs": ("udrs",),
    "rating": ("rated_items",),
    "bundles": ("bundles",),
    "fees": ("fee_items",),
    "discounts": ("discount_items",),
    "items": ("charge_items",),
    "taxes": ("tax_exemptions", "tax_answers", "tax_items"),
    "invoices": ("invoices",),
}


def measured(*command: str | Path) -> dict:
    """Run a command to its end: seconds, CPU seconds and peak memory of it, and what it printed."""
    environment = {name: value for name, value in os.environ.items() if name != "DAGSTER_HOME"}
    with tempfile.TemporaryFile() as output:
        started = time.perf_counter()
        process = subprocess.Popen([*map(str, command)], stdout=output, env=environment)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        if status:
            raise SystemExit(f"{' '.join(map(str, command))} ended with {os.waitstatus_to_exitcode(status)}")
        output.seek(0)
        return {
            "seconds": seconds,
            "cpu_seconds": usage.ru_utime + usage.ru_stime,
            "peak_memory_bytes": usage.ru_maxrss * 1024,
            "printed": output.read().decode(),
        }


def run_pipeline(inputs: Path, lake: Path) -> dict:
    timings = lake.with_suffix(".json")
    billing = Path(sys.executable).with_name("billing")
    run = measured(
        billing, "run", "--inputs", inputs, "--lake", lake, "--from", MONTH, "--to", MONTH, "--timings", timings
    )
    told = json.loads(timings.read_text(encoding="utf-8"))
    stages, tasks = told["stages"], told["tasks"]
    of_stages, of_tasks = (sum(part["cpu_seconds"] for part in parts) for parts in (stages, tasks))
    return _figures(run, lake) | {
        "stages": {stage["name"]: {k: stage[k] for k in ("seconds", "cpu_seconds")} for stage in stages},
        "outside_stages_cpu_seconds": of_tasks - of_stages,
        "outside_tasks_cpu_seconds": run["cpu_seconds"] - of_tasks,
        "steps": sum(task["steps"] for task in tasks),
        "events": sum(task["events"] for task in tasks),
    }


def run_hand_written(inputs: Path, lake: Path, mix: str) -> dict:
    timings = lake.with_suffix(".json")
    run = measured(sys.executable, HERE / "hand_written.py", inputs, lake, "--mix", mix, "--timings", timings)
    stages = json.loads(timings.read_text(encoding="utf-8"))["stages"]
    return _figures(run, lake) | {
        "stages": {stage["name"]: {k: stage[k] for k in ("seconds", "cpu_seconds")} for stage in stages}
    }


def run_copy(lake: Path, target: Path) -> dict:
    run = measured(sys.executable, HERE / "measured.py", "copy", lake, target)
    return _figures(run, target) | {"tables": json.loads(run["printed"])}


def run_checks(inputs: Path, lake: Path) -> dict:
    run = measured(sys.executable, HERE / "measured.py", "checks", inputs, lake)
    every = json.loads(run["printed"])
    of_suites = {
        name: check for name, check in every.items() if "great_expectations" in name or name.endswith("_suite")
    }
    return {
        "great_expectations_cpu_seconds": sum(check["cpu_seconds"] for check in of_suites.values()),
        "others_cpu_seconds": sum(check["cpu_seconds"] for name, check in every.items() if name not in of_suites),
        "broken": [name for name, check in every.items() if not check.get("passed", True)],
        "checks": every,
    }


def _figures(run: dict, written: Path) -> dict:
    size = sum(path.stat().st_size for path in written.rglob("*.parquet"))
    return {k: run[k] for k in ("seconds", "cpu_seconds", "peak_memory_bytes")} | {"bytes_written": size}


def measure(udrs: int, mix: str, rounds: int, folder: Path) -> dict:
    """Everything about a month with that many records."""
    inputs, lake, by_hand, copied = (folder / name for name in ("inputs", "lake", "by_hand", "copied"))
    company.make(inputs, udrs, mix)
    taken: dict[str, list[dict]] = {"hand_written": [], "pipeline": [], "copy": []}
    for _ in range(rounds):
        for made in (lake, by_hand, copied):
            shutil.rmtree(made, ignore_errors=True)
        taken["hand_written"].append(run_hand_written(inputs, by_hand, mix))
        taken["pipeline"].append(run_pipeline(inputs, lake))
        taken["copy"].append(run_copy(lake, copied))
    best = {name: min(runs, key=lambda run: run["cpu_seconds"]) for name, runs in taken.items()}
    checks = run_checks(inputs, lake)
    without_suites = best["pipeline"]["cpu_seconds"] - checks["great_expectations_cpu_seconds"]
    return {
        "udrs": udrs,
        "mix": mix,
        "cpu_us_per_udr": {name: run["cpu_seconds"] / udrs * 1e6 for name, run in best.items()},
        "cpu_ratio": {
            "to_hand_written": best["pipeline"]["cpu_seconds"] / best["hand_written"]["cpu_seconds"],
            "to_hand_written_without_great_expectations": without_suites / best["hand_written"]["cpu_seconds"],
            "to_copy": best["pipeline"]["cpu_seconds"] / best["copy"]["cpu_seconds"],
            "stages_to_hand_written": _stage_ratios(best["pipeline"]["stages"], best["hand_written"]["stages"]),
        },
        **best,
        "checks": checks,
        "differences": compare.differences(lake, by_hand),
    }


def _stage_ratios(pipeline: dict, by_hand: dict) -> dict[str, float]:
    of_pipeline = {name: sum(pipeline[s]["cpu_seconds"] for s in stages) for name, stages in SAME_WORK.items()}
    of_hand = {name: by_hand[name]["cpu_seconds"] for name in SAME_WORK}
    of_hand["reference"] += by_hand.get("prices", {"cpu_seconds": 0})["cpu_seconds"]
    ratios = {name: cpu / of_hand[name] for name, cpu in of_pipeline.items()}
    return ratios | {"all": sum(of_pipeline.values()) / sum(stage["cpu_seconds"] for stage in by_hand.values())}


def main():
    parser = argparse.ArgumentParser(description="Measure a billing month, and print the figures as JSON.")
    parser.add_argument("--sizes", default="100000,1000000,5000000", help="records a month, separated by commas")
    parser.add_argument("--mixes", default="plain,pricing", help="what prices are made of, separated by commas")
    parser.add_argument("--rounds", type=int, default=1, help="how often each thing is measured (default 1)")
    parser.add_argument("--folder", type=Path, help="folder for what is made; a temporary one when left out")
    parser.add_argument("--lines", default="100000,1000000", help="order lines of the schedule, separated by commas")
    options = parser.parse_args()
    sizes = []
    for mix, udrs in product(options.mixes.split(","), map(int, options.sizes.split(","))):
        folder = Path(tempfile.mkdtemp(prefix=f"billing-{mix}-{udrs}-", dir=options.folder))
        try:
            sizes.append(measure(udrs, mix, options.rounds, folder))
        finally:
            shutil.rmtree(folder)
    dagster = json.loads(measured(sys.executable, "-W", "ignore", HERE / "measured.py", "dagster")["printed"])
    schedule = json.loads(measured(sys.executable, HERE / "schedule.py", "--lines", options.lines)["printed"])
    documents = json.loads(measured(sys.executable, HERE / "documents.py")["printed"])
    figures = {"dagster": dagster, "schedule": schedule, "documents_per_second_and_core": documents, "sizes": sizes}
    print(json.dumps({"cpus": os.cpu_count()} | figures, indent=1))


if __name__ == "__main__":
    main()
