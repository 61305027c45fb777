import json
from pathlib import Path

import pytest
import yaml
from geoagent_evaluation.tasks.lmms_eval import geolocation_functions as functions
from geoagent_evaluation.tasks.lmms_eval.write_task import main

from tests.support.drawn_photos import write_drawn_photos


class TaskLoader(yaml.SafeLoader):
    """Reads the YAML of a task with its functions as their names."""


TaskLoader.add_constructor("!function", lambda _, node: str(node.value))


def test_the_folder_has_all_that_lmms_eval_needs(tmp_path: Path) -> None:
    manifest, truth = write_drawn_photos(tmp_path)
    folder = tmp_path / "task"
    assert main([str(manifest), str(truth), "--out", str(folder)]) == 0
    task = yaml.load((folder / "geolocation.yaml").read_text(), Loader=TaskLoader)
    documents = Path(task["dataset_kwargs"]["data_files"]["test"]).read_text().splitlines()
    doc = json.loads(documents[0])
    assert (len(documents), doc["id"], doc["target"]) == (3, "a", "48.86, 2.34")
    for field in ("doc_to_visual", "doc_to_text", "process_results"):
        module, name = task[field].split(".")
        assert (folder / f"{module}.py").is_file()
        assert callable(getattr(functions, name))
    assert [picture.mode for picture in functions.doc_to_visual(doc)] == ["RGB"]
    metrics = {one["metric"] for one in task["metric_list"]}
    assert metrics == set(functions.process_results(doc, ["48.85, 2.35"]))


@pytest.mark.parametrize(
    ("reply", "near"),
    [
        ('{"latitude": 48.85, "longitude": 2.35}', [1.0, 1.0, 1.0]),
        ("45.75, 4.85", [0.0, 0.0, 1.0]),
        ("I cannot tell.", [0.0, 0.0, 0.0]),
    ],
)
def test_a_reply_is_near_or_not(reply: str, near: list[float]) -> None:
    doc = {"id": "a", "lat_deg": 48.86, "lon_deg": 2.34}
    assert list(functions.process_results(doc, [reply]).values()) == near


def test_a_manifest_that_the_truth_does_not_know_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    manifest, truth = write_drawn_photos(tmp_path)
    truth.write_text('{"id": "z", "lat_deg": 1.0, "lon_deg": 2.0}\n')
    assert main([str(manifest), str(truth), "--out", str(tmp_path / "task")]) == 2
    assert "none of its photos is in" in capsys.readouterr().err
