"""Events written through kept-open databases are those that Dagster's own storage reads."""

from pathlib import Path

import dagster as dg

from resources.event_log import KEPT_OPEN, KeptOpenEventLog

SETTINGS = (Path(__file__).parents[2] / "deploy/dagster.yaml").read_text()
RUNS = KEPT_OPEN + 2


@dg.asset
def invoices():
    return dg.MaterializeResult(metadata={"rows": 1})


def test_more_runs_than_databases_kept_open(tmp_path, monkeypatch):
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    settings = tmp_path / "dagster.yaml"
    settings.write_text(SETTINGS)
    with dg.DagsterInstance.from_config(str(tmp_path)) as instance:
        assert isinstance(instance.event_log_storage, KeptOpenEventLog)
        runs = [dg.materialize([invoices], instance=instance).run_id for _ in range(RUNS)]
    settings.write_text("telemetry: {enabled: false}\n")
    with dg.DagsterInstance.from_config(str(tmp_path)) as instance:
        assert not isinstance(instance.event_log_storage, KeptOpenEventLog)
        stored = instance.fetch_materializations(dg.AssetKey("invoices"), limit=RUNS + 1).records
        assert sorted(record.run_id for record in stored) == sorted(runs)
        assert all(instance.all_logs(run, of_type=dg.DagsterEventType.RUN_SUCCESS) for run in runs)
