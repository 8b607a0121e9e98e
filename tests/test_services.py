"""Dagster around the graph: its own storage on PostgreSQL, its web server, and its command line."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
import yaml
from tests_support import QUIET, Company

from billing_assets.definitions import build_defs
from billing_assets.tables import TABLES
from jobs.definitions import SNAPSHOT

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
PATIENCE = 120


def test_runs_are_kept_in_postgresql(postgres, company, tmp_path, monkeypatch):
    """With deploy/dagster-postgres.yaml as it is, but for the socket that the server listens on here."""
    config = yaml.safe_load((ROOT / "deploy/dagster-postgres.yaml").read_text())
    config["storage"]["postgres"]["postgres_db"] |= {"params": {"host": str(postgres.folder)}}
    (tmp_path / "dagster.yaml").write_text(yaml.safe_dump(config))
    for name, value in {"HOST": "", "USER": "postgres", "PASSWORD": "", "DB": "postgres"}.items():
        monkeypatch.setenv(f"DAGSTER_PG_{name}", value)
    job = build_defs(company.root, tmp_path / "lake").resolve_job_def(SNAPSHOT)
    with dg.DagsterInstance.from_config(str(tmp_path)) as instance:
        assert "postgres" in type(instance.event_log_storage).__module__
        result = job.execute_in_process(instance=instance, run_config=QUIET)
        assert instance.get_run_by_id(result.run_id).status is dg.DagsterRunStatus.SUCCESS
        materialized = instance.get_latest_materialization_event(dg.AssetKey("order_lines"))
        assert materialized.asset_materialization.metadata["dagster/row_count"].value == 2


def _environment(folder: Path) -> dict[str, str]:
    """A company's inputs and lake, and a DAGSTER_HOME with the settings of deploy/dagster.yaml."""
    home = folder / "dagster"
    home.mkdir()
    (home / "dagster.yaml").write_text((ROOT / "deploy/dagster.yaml").read_text())
    Company(folder / "inputs")
    return os.environ | {
        "DAGSTER_HOME": str(home), "BILLING_INPUTS": str(folder / "inputs"), "BILLING_LAKE": str(folder / "lake"),
        "DAGSTER_DISABLE_TELEMETRY": "1",
    }  # fmt: skip


@pytest.fixture
def web_server(tmp_path) -> Iterator[str]:
    """The address of a web server on the workspace of the project."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [BIN / "dagster-webserver", "-w", "workspace.yaml", "-h", "127.0.0.1", "-p", str(port)]
    with (tmp_path / "log").open("w") as log:
        server = subprocess.Popen(command, cwd=ROOT, env=_environment(tmp_path), stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + PATIENCE
        while not _answers(address):
            assert server.poll() is None, (tmp_path / "log").read_text()
            assert time.monotonic() < deadline, (tmp_path / "log").read_text()
            time.sleep(0.5)
        yield address
    finally:
        server.terminate()
        server.wait(timeout=60)


def _answers(address: str) -> bool:
    try:
        return urllib.request.urlopen(f"{address}/server_info", timeout=5).status == 200
    except OSError:
        return False


def _ask(address: str, query: str) -> dict:
    body = json.dumps({"query": query}).encode()
    request = urllib.request.Request(f"{address}/graphql", body, {"Content-Type": "application/json"})
    return json.load(urllib.request.urlopen(request, timeout=PATIENCE))["data"]


def test_the_web_server_shows_the_graph(web_server):
    data = _ask(web_server, "{ assetNodes { assetKey { path } groupName owners { ... on TeamAssetOwner { team } } } }")
    assert {node["assetKey"]["path"][0]: node["groupName"] for node in data["assetNodes"]} == {
        name: table.group for name, table in TABLES.items()
    }
    page = urllib.request.urlopen(f"{web_server}/asset-groups", timeout=PATIENCE)
    assert page.status == 200
    assert b"<html" in page.read()


def test_the_command_line_of_dagster_loads_the_project(tmp_path):
    command = [BIN / "dg", "check", "defs"]
    done = subprocess.run(command, cwd=ROOT, env=_environment(tmp_path), capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
