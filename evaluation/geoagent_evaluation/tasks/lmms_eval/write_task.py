r"""Writes the folder that lmms-eval runs: the YAML, its functions, and one document a photo.

    python -m geoagent_evaluation.tasks.lmms_eval.write_task manifest.jsonl truth.jsonl --out task
    python -m lmms_eval --model qwen2_5_vl --include_path task --tasks geoagent_geolocation \
        --log_samples --output_path logs
    geoagent-eval import logs/.../samples_geoagent_geolocation.jsonl --format lmms-eval \
        --truth truth.jsonl --out predictions.jsonl

`geoagent-evaluation` must be installed beside lmms-eval.
"""

import argparse
import json
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from geoagent_evaluation.datasets.truth_file import write_lines
from geoagent_evaluation.errors import EvaluationError
from geoagent_evaluation.tasks.photos import task_photos

HERE = Path(__file__).parent
FUNCTIONS = "geolocation_functions.py"
TASK = "geolocation.yaml"


def write_task(manifest: Path, truth: Path, folder: Path) -> int:
    """Write the folder of the task and return how many photos it has."""
    photos = task_photos(manifest, truth)
    folder.mkdir(parents=True, exist_ok=True)
    documents = folder / "documents.jsonl"
    write_lines(
        documents,
        (
            {
                "id": photo.id,
                "file": str(photo.path.resolve()),
                "lat_deg": photo.lat_deg,
                "lon_deg": photo.lon_deg,
                "target": f"{photo.lat_deg}, {photo.lon_deg}",
            }
            for photo in photos
        ),
    )
    task = (HERE / TASK).read_text(encoding="utf-8")
    path = json.dumps(str(documents.resolve()))  # a JSON string is a YAML string
    (folder / TASK).write_text(task.replace("test: DOCUMENTS", f"test: {path}"), encoding="utf-8")
    shutil.copyfile(HERE / FUNCTIONS, folder / FUNCTIONS)
    return len(photos)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    parser = argparse.ArgumentParser(description="Write a task for lmms-eval.")
    parser.add_argument("manifest", type=Path)
    parser.add_argument("truth", type=Path)
    parser.add_argument("--out", type=Path, required=True, help="the folder of the task")
    args = parser.parse_args(arguments)
    try:
        count = write_task(args.manifest, args.truth, args.out)
    except EvaluationError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    sys.stdout.write(f"wrote {args.out}: {count} photos\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
