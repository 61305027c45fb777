"""The rows that ship: whole, without two of one name, and as RapidOCR's own list has them."""

import re
from pathlib import Path

import pytest
import rapidocr
import yaml
from pydantic import ValidationError

from geoagent_graph.errors import InputError
from geoagent_graph.weights.catalogue import catalogue, find_entry
from geoagent_graph.weights.entry import HubSource
from geoagent_graph.weights.file_formats import _CHECKS
from tests.support.paths import ROOT
from tests.support.weight_rows import row


def test_every_row_says_what_a_user_must_know() -> None:
    for entry in catalogue().values():
        assert entry.purpose
        assert entry.licence.read_in
        assert {Path(file.path).suffix for file in entry.files} <= _CHECKS.keys()
        assert all(catalogue()[needed].kind == "encoder" for needed in entry.needs)
        assert (entry.notice is None) == entry.licence.commercial


def test_sizes_are_those_of_the_files_where_they_are_known() -> None:
    for entry in catalogue().values():
        sizes = [file.size_bytes for file in entry.files]
        if entry.size_bytes and isinstance(entry.source, HubSource) and None not in sizes:
            assert entry.size_bytes == sum(size for size in sizes if size)


def test_recognisers_are_those_of_the_installed_rapidocr() -> None:
    listed = Path(rapidocr.__file__).with_name("default_models.yaml").read_text()
    models = yaml.safe_load(listed)["onnxruntime"]["PP-OCRv5"]["rec"]
    known = {model["model_dir"]: model["SHA256"] for model in models.values()}
    rows = [entry for entry in catalogue().values() if entry.kind == "recogniser"]
    assert {code for entry in rows for code in entry.scripts} == {
        "Cyrl", "Arab", "Hang", "Deva", "Thai", "Grek", "Taml", "Telu",
    }  # fmt: skip
    for entry in rows:
        assert known[entry.files[0].url] == entry.files[0].sha256


def test_an_unknown_name_names_the_nearest() -> None:
    with pytest.raises(InputError, match="did you mean geoclip"):
        find_entry("geoclp")


@pytest.mark.parametrize(
    "changes",
    [
        {"files": [{"path": "../outside.safetensors"}]},
        {"files": [{"path": "/etc/passwd"}]},
        {"files": [{"path": ".hidden.json"}]},
        {"files": []},
        {"files": [{"path": "a.onnx"}], "source": {"kind": "web", "repository": "https://a.test/"}},
        {"source": {"kind": "hub", "repository": "a/b", "patterns": ["*.json"]}},
        {"source": {"kind": "hub", "repository": "../b"}},
        {"name": "../up"},
    ],
)
def test_a_row_that_could_lead_astray_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        row(**changes)


def test_the_page_for_users_has_every_row_with_its_licence() -> None:
    page = (ROOT / "docs" / "weights.md").read_text()
    lines = [line for line in page.splitlines() if line.startswith("| `")]
    for entry in catalogue().values():
        line = next(line for line in lines if f"`{entry.name}`" in line)
        assert entry.licence.id in line
        shares = re.findall(r"\d+\.\d+", entry.figure.says if entry.figure else "")
        assert all(share in page for share in shares)
