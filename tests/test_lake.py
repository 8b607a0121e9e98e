"""The lake: a file keeps its contract or is not there, and what dead runs left behind is swept."""

import os
import socket
import subprocess
import sys
import time

import ibis
import pytest
import sample_rows as sample

from billing_assets.invoices.tables import INVOICES
from billing_assets.reference.tables import BILLING_CYCLES, CURRENCIES
from billing_assets.usage.tables import UDR_DAYS
from resources.lake import ORPHAN_SECONDS, Lake, SchemaError, sweep_orphans


def test_a_table_is_replaced_as_a_whole(lake, table, rows):
    lake.write(CURRENCIES, table(CURRENCIES, sample.currency(currency="EUR"), sample.currency(currency="CHF")))
    lake.write(CURRENCIES, table(CURRENCIES, sample.currency(currency="JPY", digits=0)))
    assert rows(lake.read(CURRENCIES)) == [{"currency": "JPY", "digits": 0}]


def test_a_table_without_a_file_has_no_rows(lake, rows):
    assert rows(lake.read_all(CURRENCIES)) == rows(lake.read(INVOICES, ["2026-01"])) == []


@pytest.mark.parametrize(
    ("spoiled", "sentence"),
    [
        ({"net_amount": ibis._.net_amount.cast("decimal(28, 2)")},
         "net_amount is decimal128(28, 2) instead of decimal128(28, 10)"),
        ({"net_amount": ibis._.net_amount.cast("float64")}, "net_amount is double instead of decimal128(28, 10)"),
        ({"lines": ibis._.lines.cast("int32")}, "lines is int32 instead of int64"),
        ({"colour": ibis.literal("red")}, "colour is string instead of absent"),
    ],
    ids=["another precision", "a float", "a smaller integer", "one column more"],
)  # fmt: skip
def test_rows_that_break_the_contract_land_nowhere(lake, table, spoiled, sentence):
    good = table(INVOICES)
    with pytest.raises(SchemaError, match=f"invoices: the rows: .*{sentence}".replace("(", r"\(").replace(")", r"\)")):
        lake.write_month(INVOICES, good.mutate(**spoiled), "2026-01", ["first"], drop_others=True)
    assert not (lake.root / "invoices").exists()
    assert not list((lake.root / ".staging").glob("*"))


def test_columns_in_another_order_land_nowhere(lake, table):
    with pytest.raises(SchemaError, match="columns are in another order"):
        lake.write(CURRENCIES, table(CURRENCIES).select("digits", "currency"))


def test_a_file_that_breaks_the_contract_is_not_read(lake, table):
    (written,) = lake.write(CURRENCIES, table(CURRENCIES, sample.currency()))
    lake.engine.write(ibis.memtable({"currency": ["EUR"], "digits": ["2"]}), written.path)
    with pytest.raises(SchemaError, match=r"currencies: currencies/all.parquet: digits is string instead of int64"):
        lake.read(CURRENCIES)


def test_rows_of_other_days_are_refused(lake, table):
    strange = table(UDR_DAYS, {"event_day": sample.value_of("2026-01-03", UDR_DAYS.schema["event_day"]),
                               "fingerprint": "x"})  # fmt: skip
    with pytest.raises(SchemaError, match="udr_days: rows of 2026-01-03 in a run of 2026-01-01 to 2026-01-02"):
        lake.write_days(UDR_DAYS, strange, ["2026-01-01", "2026-01-02"])
    assert not (lake.root / "udr_days").exists()


def test_a_day_without_rows_has_a_file_without_rows(lake, table, rows):
    lake.write_days(UDR_DAYS, table(UDR_DAYS), ["2026-01-01", "2026-01-02"])
    assert lake.keys(UDR_DAYS) == ["2026-01-01", "2026-01-02"]
    assert rows(lake.read_all(UDR_DAYS)) == []


def test_a_reader_keeps_what_it_has_opened(lake, table, rows):
    """A file that is replaced while it is read stays what it was: the new one is another file."""
    (written,) = lake.write(BILLING_CYCLES, table(BILLING_CYCLES, sample.billing_cycle()))
    with written.path.open("rb") as reader:
        lake.write(BILLING_CYCLES, table(BILLING_CYCLES))
        assert reader.read() != written.path.read_bytes()
    assert rows(lake.read(BILLING_CYCLES)) == []


def _dead_process() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_what_dead_runs_left_is_swept(tmp_path, engine):
    staging = tmp_path / ".staging"
    here = socket.gethostname()
    names = {
        "dead": f"{here}-{_dead_process()}-a", "alive": f"{here}-{os.getpid()}-b", "elsewhere": "other-host-1-c",
        "long ago elsewhere": "other-host-2-d",
    }  # fmt: skip
    for name in names.values():
        (staging / name).mkdir(parents=True)
    old = time.time() - ORPHAN_SECONDS - 60
    os.utime(staging / names["long ago elsewhere"], (old, old))
    Lake(tmp_path, engine)
    assert {path.name for path in staging.iterdir()} == {names["alive"], names["elsewhere"]}


def test_a_run_may_end_while_the_lake_is_swept(tmp_path, monkeypatch):
    """Its folder was listed, and is gone when it is looked at."""
    gone = tmp_path / "other-host-1-a"
    monkeypatch.setattr(type(tmp_path), "iterdir", lambda folder: iter([gone]))
    sweep_orphans(tmp_path)
