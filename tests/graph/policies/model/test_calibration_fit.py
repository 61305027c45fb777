"""A model that is too sure of itself: the fit finds by how much, and says what it brings."""

import base64
import io
import json
import math
import runpy
from pathlib import Path
from typing import Any

import pytest

from geoagent_graph.types import Level

pytest.importorskip("openai")

import numpy as np
from PIL import Image

from geoagent_graph.geo.geocoder import OfflineGeocoder, open_geocoder
from geoagent_graph.images.store import PhotoStore
from geoagent_graph.policies.backends.openai.client import ServerOptions
from geoagent_graph.policies.backends.openai.open_served import open_served_policy
from geoagent_graph.policies.model.calibration import load_calibration
from geoagent_graph.policies.model.calibration_fit import Reliability, fit_levels, reliability
from geoagent_graph.policies.model.open_model import PolicyTools
from geoagent_graph.retrieval.manifest_rows import ManifestRow, read_manifest_rows
from geoagent_graph.settings import load_settings
from geoagent_graph.testing import scripted_toolbox
from geoagent_graph.testing.mock_server import MockRequest, MockServer, ScriptedModel, completion
from geoagent_graph.toolbox import Toolbox
from tests.support.paths import ROOT

EXAMPLE: Any = runpy.run_path(str(ROOT / "tools" / "fit_calibration.py"), run_name="example")
PHOTOS = 60
RIGHT: dict[Level, float] = {
    "continent": 0.8,
    "country": 0.75,
}  # how often the model's favourite is right
TOO_SURE: dict[Level, float] = {
    "continent": 2.5,
    "country": 1.6,
}  # by how much its logits are too large


class Overconfident:
    """Knows Lisbon in a known share of the photos, and overstates its certainty by known factors.

    A photo's number is its colour. The favourite is right in exactly `RIGHT` of the photos of each
    level, so that a calibrated model would give it just that share.
    """

    def __init__(self) -> None:
        self.good = ScriptedModel.towards("Europe", "Portugal", "Lisbon")
        self.requests = 0

    def __call__(self, request: MockRequest) -> Any:
        self.requests += 1
        reply = self.good(request)
        options = dict(
            line.split(". ", 1) for line in request.text.splitlines() if line[1:3] == ". "
        )
        level: Level = "continent" if "which continent" in request.text else "country"
        if not request.body.get("logprobs") or "which town" in request.text:
            return reply
        favourite = self._favourite(level, options, self._number(request))
        share = RIGHT[level]
        rest = (1.0 - share) / (len(options) - 1)
        logits = {
            letter: TOO_SURE[level] * math.log(share if name == favourite else rest)
            for letter, name in options.items()
        }
        total = math.log(math.fsum(math.exp(logit) for logit in logits.values()))
        tokens = [{"token": letter, "logprob": logits[letter] - total} for letter in options]
        reply = completion(next(iter(options)))
        reply["choices"][0]["logprobs"] = {"content": [{"top_logprobs": tokens}]}
        return reply

    def _favourite(self, level: Level, options: dict[str, str], number: int) -> str:
        wrong_every = round(1 / (1 - RIGHT[level]))
        true = {"continent": "Europe", "country": "Portugal"}[level]
        if number % wrong_every:
            return true
        return next(name for name in sorted(options.values()) if name != true)

    def _number(self, request: MockRequest) -> int:
        (url,) = (
            part["image_url"]["url"]
            for message in request.body["messages"]
            for part in message["content"]
            if isinstance(part, dict) and part["type"] == "image_url"
        )
        data = base64.b64decode(url.partition(",")[2])
        red = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))[:, :, 0].mean()
        return round(float(red) / 4)


@pytest.fixture(scope="module")
def geocoder() -> OfflineGeocoder:
    return open_geocoder(load_settings())


@pytest.fixture
def rows(tmp_path: Path) -> list[ManifestRow]:
    lines = []
    for number in range(PHOTOS):
        Image.new("RGB", (64, 48), (4 * number, 90, 90)).save(tmp_path / f"{number}.png")
        lines.append({"file": f"{number}.png", "lat": 38.72, "lon": -9.14})
    (tmp_path / "photos.jsonl").write_text("\n".join(json.dumps(line) for line in lines))
    read = read_manifest_rows(tmp_path / "photos.jsonl")
    return [row for row in read if isinstance(row, ManifestRow)]


def _toolbox(server: MockServer, geocoder: OfflineGeocoder, **changes: Any) -> Toolbox:
    images = PhotoStore(load_settings())
    policy = open_served_policy(
        ServerOptions(base_url=server.base_url, model=server.model),
        PolicyTools(images=images, geocoder=geocoder),
        **changes,
    )
    return scripted_toolbox(policy=policy, images=images, geocoder=geocoder)


async def test_a_known_miscalibration_is_recovered(
    geocoder: OfflineGeocoder, rows: list[ManifestRow], tmp_path: Path
) -> None:
    model = Overconfident()
    keep, out = tmp_path / "answers.jsonl", tmp_path / "calibration.json"
    async with MockServer(model) as server:
        toolbox = _toolbox(server, geocoder)
        choices = await EXAMPLE["ask_model"](rows, toolbox, keep, 8)
        fitted = fit_levels(choices)
        asked = model.requests
        # all answers are kept: a second run asks nothing and finds the same
        again = await EXAMPLE["ask_model"](rows, toolbox, keep, 8)
        assert (model.requests, fit_levels(again)) == (asked, fitted)
        await toolbox.aclose()
        assert {level: len(found) for level, found in choices.items()}["continent"] == PHOTOS
        # countries count only where the continent was right
        assert len(choices["country"]) == RIGHT["continent"] * PHOTOS
        for level, factor in TOO_SURE.items():
            found = fitted[level]
            assert found.temperature == pytest.approx(factor, rel=0.1), level
            assert found.before is not None
            assert found.after is not None
            assert found.before.calibration_error > 0.1
            # of so few choices the folds differ; the fit on all of them is checked below
            assert found.after.calibration_error < found.before.calibration_error - 0.08
            assert found.after.log_loss < found.before.log_loss
        described = EXAMPLE["describe"]("continent", fitted["continent"])
        assert "before: calibration error 0.1" in described
        assert "after: calibration error 0.0" in described
        EXAMPLE["write_calibration"](out, fitted, "mock-vl", "60 photos")
        written = load_calibration(out)
        assert written.continent == fitted["continent"].temperature
        assert (written.model, written.fitted_on[:9]) == ("mock-vl", "60 photos")
        # with the file in use, the shares are those of a calibrated model
        calibrated = _toolbox(server, geocoder, calibration=out)
        await EXAMPLE["ask_model"](rows[:2], calibrated, keep, 2)
        assert model.requests > asked
        await calibrated.aclose()
    last = json.loads(keep.read_text().splitlines()[-1])["answer"]["levels"]["continent"]
    assert last[0]["prior"] == pytest.approx(RIGHT["continent"], abs=0.03)


def test_levels_with_few_choices_are_left_alone() -> None:
    fitted = fit_levels({"city": [((0.9, 0.1), 1)] * 19})
    assert fitted["city"].temperature == 1.0
    assert fitted["city"].after is None
    assert "too few" in EXAMPLE["describe"]("city", fitted["city"])


def test_the_calibration_error_is_the_gap_between_share_and_truth() -> None:
    sure_and_half_right = [((0.95, 0.05), number % 2) for number in range(20)]
    assert reliability(sure_and_half_right).calibration_error == pytest.approx(0.45)
    perfect: Reliability = reliability([((1.0, 0.0), 0)] * 3)
    assert (perfect.calibration_error, perfect.log_loss) == (0.0, 0.0)
    half = [((0.75, 0.25), 0 if number < 3 else 1) for number in range(4)]
    assert reliability(half).calibration_error == pytest.approx(0.0, abs=1e-12)
