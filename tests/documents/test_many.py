"""A thousand documents: in memory that does not grow with their number, and one that fails stops no other.

Memory is measured in a process of its own, at its peak: what reads the lake, and the largest of the pool. The
documents come from a generator, so that the engine's cache, which has a limit of its own, is not what is measured.
"""

import json
import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.long
MEASURE = """
import json, resource, sys
from pathlib import Path

from billing_assets.documents.files import FORMS
from billing_assets.documents.month import write_month
from many_documents import Many

if __name__ == "__main__":
    written = write_month(Many(int(sys.argv[1])), Path(sys.argv[2]), tuple(FORMS))
    peaks = [resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    states = written["state"].value_counts().to_pylist()
    print(json.dumps({"peaks": peaks, "states": {row["values"]: row["counts"] for row in states}}))
"""


@pytest.fixture
def measured(tmp_path):
    """What the writing of some documents, in all forms but CSV, came to: peaks in KiB, and files by state."""
    script = tmp_path / "measure.py"
    script.write_text(MEASURE)

    def run(documents: int) -> dict:
        environment = os.environ | {"BILLING_THREADS": "2", "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        command = [sys.executable, str(script), str(documents), str(tmp_path / str(documents))]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        return json.loads(done.stdout)

    return run


def test_memory_does_not_grow_with_the_number_of_documents(measured):
    """Measured on 2 cores: 209 and 195 MiB for 200 documents, 212 and 195 MiB for 1,000."""
    few, many = measured(200), measured(1000)
    assert many["states"] == {"written": 3999, "failed": 1}
    for before, after in zip(few["peaks"], many["peaks"], strict=True):
        assert after < before + 50 * 1024
