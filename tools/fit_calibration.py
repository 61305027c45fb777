r"""Fits the calibration of a model on photos with known places, and says what it brings.

    python tools/fit_calibration.py photos.jsonl --base-url http://127.0.0.1:8000/v1 \
        --model Qwen/Qwen2.5-VL-7B-Instruct --keep answers.jsonl --out calibration.json
    geoagent locate photo.jpg --policy served ... --calibration calibration.json

`photos.jsonl` has one photo per line, as for `geoagent index build`: `file` and a position. Use
photos that the model was not trained on, a few hundred or more. `--keep` holds the answers, so that
a stopped run goes on where it was. One temperature is fitted per level; a level with fewer than 20
choices keeps 1. The figures after the fit are cross-validated.
"""

import argparse
import asyncio
import contextlib
from pathlib import Path

from geoagent_graph import InputError, RunOptions, Toolbox, load_settings, open_toolbox
from geoagent_graph.kept_answers import locate_and_keep
from geoagent_graph.policies.model.calibration import Calibration
from geoagent_graph.policies.model.calibration_fit import (
    FittedLevel,
    KnownChoice,
    KnownPlace,
    Reliability,
    choices_with_truth,
    fit_levels,
)
from geoagent_graph.policies.open_policy import with_policy
from geoagent_graph.policies.options import PolicyOptions
from geoagent_graph.retrieval.manifest_rows import ManifestRow, read_manifest_rows
from geoagent_graph.types import LEVELS, Level


async def ask_model(
    rows: list[ManifestRow], toolbox: Toolbox, keep: Path, in_flight: int
) -> dict[Level, list[KnownChoice]]:
    """Return the model's choices on the photos; what their files claim is not heard."""
    options = RunOptions(use_exif=False, budget=load_settings().budget)
    photos = [row.path for row in rows]
    choices: dict[Level, list[KnownChoice]] = {level: [] for level in LEVELS}
    run = locate_and_keep(photos, keep, toolbox=toolbox, options=options, concurrency=in_flight)
    number = 0
    async for item in run:
        row = rows[number]
        number += 1
        if item.answer is None:
            print(f"left out: {item.error}")
            continue
        there = toolbox.geocoder.reverse(row.lat_deg, row.lon_deg)
        truth = KnownPlace(row.lat_deg, row.lon_deg, there.continent_code, there.country_code)
        for level, found in choices_with_truth(item.answer, truth).items():
            choices[level].append(found)
    return choices


def describe(level: str, fitted: FittedLevel) -> str:
    if fitted.before is None or fitted.after is None:
        return f"{level:10} {fitted.choices:5} choices: too few, its shares are used as they are"

    def said(reliability: Reliability) -> str:
        error, loss = reliability.calibration_error, reliability.log_loss
        return f"calibration error {error:.3f}, log loss {loss:.3f}"

    return (
        f"{level:10} {fitted.choices:5} choices: temperature {fitted.temperature:.2f}; "
        f"before: {said(fitted.before)}; after: {said(fitted.after)}"
    )


def write_calibration(
    out: Path, fitted: dict[Level, FittedLevel], model: str, source: str
) -> Calibration:
    counts = ", ".join(f"{fitted[level].choices} {level}" for level in LEVELS)
    calibration = Calibration(
        model=model,
        fitted_on=f"{source}: choices of {counts}",
        **{level: fitted[level].temperature for level in LEVELS},
    )
    made = out.with_name(f".{out.name}.new")
    made.write_text(calibration.model_dump_json(indent=2) + "\n", encoding="utf-8")
    made.replace(out)
    return calibration


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("manifest", type=Path)
    parser.add_argument("--policy", choices=("served", "transformers"), default="served")
    parser.add_argument("--base-url")
    parser.add_argument("--model", required=True)
    parser.add_argument("--keep", type=Path, required=True, help="answers, for a later run")
    parser.add_argument("--out", type=Path, required=True, help="the calibration file")
    parser.add_argument("--in-flight", type=int, default=16)
    given = parser.parse_args()
    rows = [row for row in read_manifest_rows(given.manifest) if isinstance(row, ManifestRow)]
    if not rows:
        raise SystemExit(f"{given.manifest}: no photo with a position in it")
    choice = PolicyOptions(policy=given.policy, base_url=given.base_url, model=given.model)
    async with contextlib.aclosing(with_policy(open_toolbox(), choice)) as toolbox:
        model = toolbox.policy.model or given.model
        fitted = fit_levels(await ask_model(rows, toolbox, given.keep, given.in_flight))
    for level in LEVELS:
        print(describe(level, fitted[level]))
    write_calibration(given.out, fitted, model, f"{len(rows)} photos of {given.manifest.name}")


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except InputError as error:
        raise SystemExit(str(error)) from error
