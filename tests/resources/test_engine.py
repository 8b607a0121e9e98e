"""Which engine a run gets, and what an engine says that it cannot do."""

import pytest

from billing_assets.contract import ConfigurationError
from resources.engine import EngineResource
from resources.kernels.spark_times import timestamp


def test_the_environment_names_the_engine_and_an_option_overrules_it(monkeypatch):
    monkeypatch.delenv("BILLING_ENGINE", raising=False)
    assert EngineResource.configured().backend == "duckdb"
    monkeypatch.setenv("BILLING_ENGINE", "spark")
    assert EngineResource.configured().backend == "spark"
    assert EngineResource.configured("duckdb").backend == "duckdb"


def test_an_engine_that_there_is_not(monkeypatch):
    monkeypatch.setenv("BILLING_ENGINE", "sparc")
    with pytest.raises(ConfigurationError, match="there is no engine 'sparc': use duckdb or spark"):
        EngineResource.configured()


@pytest.mark.parametrize("pattern", ["%Y-%j", "%d.%m.%d", "%Y-%m-%d %H:%M %p"])
def test_a_pattern_that_spark_does_not_read(pattern):
    with pytest.raises(ConfigurationError, match="time_format"):
        timestamp(None, None, pattern)
