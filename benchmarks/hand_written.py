"""The month of company.py written by hand in SQL for DuckDB: what the pipeline is compared with.

Here belongs the running of hand_written/*.sql in order, one file per stage. They read the same files and
write the same tables, with the same rows and compression; what they need not do is serve another company,
refuse a configuration, replace a partition while others read it, or run on another engine.

    python benchmarks/hand_written.py INPUTS LAKE [--mix plain|pricing] [--timings FILE]
"""

import argparse
import json
import resource
import time
from pathlib import Path
from string import Template

import duckdb

FOLDER = Path(__file__).parent / "hand_written"
STAGES = (
    "macros", "reference", "orders", "billing_schedule", "usage", "udrs", "rating", "bundles", "fees", "discounts",
    "items", "taxes", "invoices",
)  # fmt: skip
# Of the pricing mix: files of its own folder, where it has one, and its further reference tables.
PRICING = FOLDER / "pricing"


def scripts(mix: str) -> dict[str, Path]:
    """The files to run, in order, by stage."""
    plain = {name: FOLDER / f"{name}.sql" for name in STAGES}
    if mix == "plain":
        return plain
    found = {}
    for name, path in plain.items():
        own = PRICING / path.name
        found[name] = own if own.is_file() else path
        if name == "reference":
            found["prices"] = PRICING / "prices.sql"
    return found


def run(inputs: Path, lake: Path, mix: str, memory_limit: str = "1GB") -> list[dict]:
    """Bill the month; seconds and CPU seconds of each stage."""
    lake.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect(
        config={"memory_limit": memory_limit, "preserve_insertion_order": False, "temp_directory": str(lake / ".spill")}
    )
    connection.execute("SET TimeZone = 'UTC'")
    timings = []
    for name, path in scripts(mix).items():
        script = Template(path.read_text(encoding="utf-8"))
        wall, cpu = time.perf_counter(), time.process_time()
        connection.execute(script.substitute(inputs=inputs.resolve(), lake=lake.resolve()))
        timings.append({"name": name, "seconds": time.perf_counter() - wall, "cpu_seconds": time.process_time() - cpu})
    connection.close()
    return timings


def main():
    parser = argparse.ArgumentParser(description="Bill a month by hand-written SQL.")
    parser.add_argument("inputs", type=Path)
    parser.add_argument("lake", type=Path)
    parser.add_argument("--mix", choices=("plain", "pricing"), default="plain", help="what prices are made of")
    parser.add_argument("--timings", type=Path, help="file for the timings as JSON")
    options = parser.parse_args()
    stages = run(options.inputs, options.lake, options.mix)
    usage = resource.getrusage(resource.RUSAGE_SELF)
    total = {
        "stages": stages,
        "cpu_seconds": usage.ru_utime + usage.ru_stime,
        "peak_memory_bytes": usage.ru_maxrss * 1024,
    }
    text = json.dumps(total, indent=2)
    if options.timings:
        options.timings.write_text(text, encoding="utf-8")
    else:
        print(text)


if __name__ == "__main__":
    main()
