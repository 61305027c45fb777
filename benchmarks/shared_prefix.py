"""What `share_prefix` saves: counted for 7B, CPU seconds measured on a small random model.

    PYTHONPATH=.:kernels:training python -m benchmarks.shared_prefix --out FILE.csv

Both ways score and learn the same eight answers to one photo, turn about; the ratio of a pair is of
two runs beside each other, and the median of the pairs is what is written. The small model has the
shapes of the paper in tokens, not in widths: its attention weighs more than that of 7B.
"""

import argparse
import csv
import tempfile
import time
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

import torch
from geoagent_training.miniature.data import vocabulary
from transformers import Qwen2_5_VLConfig

from benchmarks.training_counts import QWEN_7B, Group, Shape, learning_flops, scoring_flops
from geoagent_graph.testing.tiny_model import TinySize, build_tiny_model
from tests.support.prefix_scorer import Scorer, adapted_model

ANSWERS, RANK = 8, 64
GRIDS = {363: (22, 66), 258: (12, 86), 60: (20, 12)}
"""Patches of a photo that make so many tokens: rows and columns."""
SHAPES = ((363, 225, 400), (363, 60, 400), (258, 225, 400), (60, 60, 100))
"""Tokens of photo, words of the prompt, and answer."""


def main() -> None:
    """Count, measure, and write the rows."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--pairs", type=int, default=5)
    given = parser.parse_args()
    torch.set_num_threads(1)
    rows = [row for shape in SHAPES for row in counted_rows("Qwen2.5-VL-7B", QWEN_7B, shape)]
    with tempfile.TemporaryDirectory(prefix="geoagent-prefix-") as folder:
        size = TinySize(hidden=256, layers=4, max_image_tokens=400)
        build_tiny_model(Path(folder), vocabulary(), size=size)
        small = Shape.of(Qwen2_5_VLConfig.from_pretrained(folder))
        model = adapted_model(folder, rank=8, branches=True)
        for shape in SHAPES:
            rows += counted_rows("small", small, shape) + measured_rows(model, shape, given.pairs)
    with given.out.open("w", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    for row in rows:
        print(*row.values())


def counted_rows(name: str, shape: Shape, tokens: tuple[int, int, int]) -> list[dict[str, Any]]:
    """Return the counted ratios: of scoring and of learning."""
    groups = [Group(ANSWERS, *tokens, shared=shared) for shared in (False, True)]
    return [
        row_of(name, work, tokens, "counted FLOPs", *(flops(shape, one, RANK) for one in groups))
        for work, flops in (("score", scoring_flops), ("learn", learning_flops))
    ]


def measured_rows(model: Any, tokens: tuple[int, int, int], pairs: int) -> list[dict[str, Any]]:
    """Return the measured ratios of CPU seconds."""
    answers = drawn_answers(model, *tokens)
    rows = []
    for work in ("score", "learn"):
        times = [
            [cpu_seconds(model, answers, learn=work == "learn", shares=shares)
             for shares in (False, True)]
            for _ in range(pairs + 1)
        ][1:]  # fmt: skip
        times.sort(key=lambda pair: pair[1] / pair[0])
        middle = times[len(times) // 2]
        rows.append(row_of("small", work, tokens, "CPU seconds", *middle))
    return rows


def cpu_seconds(model: Any, answers: dict[str, Any], *, learn: bool, shares: bool) -> float:
    """Return what one pass costs, forward or forward and backward."""
    before = time.process_time()
    with torch.set_grad_enabled(learn):
        scores, _ = Scorer(shares=shares).score(model, answers)
    if learn:
        scores.sum().backward()
    model.zero_grad()
    return time.process_time() - before


def drawn_answers(model: Any, photo_tokens: int, words: int, length: int) -> dict[str, Any]:
    """Return eight answers of one length to one photo, of random tokens."""
    torch.manual_seed(0)
    config = model.get_base_model().config
    photo = torch.full((photo_tokens,), config.image_token_id)
    said = torch.randint(20, 200, (words,))
    prompt = torch.cat([said[: words // 2], photo, said[words // 2 :]])
    behind = torch.randint(20, 200, (ANSWERS, length))
    ids = torch.cat([prompt.expand(ANSWERS, -1), behind], dim=1)
    rows, columns = GRIDS[photo_tokens]
    pixels = torch.randn(rows * columns, 1176)
    return {
        "input_ids": ids,
        "attention_mask": torch.ones_like(ids),
        "logits_to_keep": length,
        "pixel_values": pixels.repeat(ANSWERS, 1),
        "image_grid_thw": torch.tensor([[1, rows, columns]]).repeat(ANSWERS, 1),
        "num_images": [1] * ANSWERS,
        "mm_token_type_ids": (ids == config.image_token_id).long(),
    }


def row_of(
    name: str, work: str, tokens: tuple[int, int, int], what: str, alone: float, shared: float
) -> dict[str, Any]:
    """Return a row of the table."""
    versions = " ".join(
        f"{one} {metadata.version(one)}" for one in ("torch", "transformers", "trl")
    )
    return {
        "model": name,
        "photo_tokens": tokens[0],
        "words": tokens[1],
        "answer_tokens": tokens[2],
        "work": work,
        "what": what,
        "alone": f"{alone:.4g}",
        "shared": f"{shared:.4g}",
        "ratio": f"{shared / alone:.3f}",
        "versions": versions,
        "date": datetime.now(UTC).date().isoformat(),
    }


if __name__ == "__main__":
    main()
