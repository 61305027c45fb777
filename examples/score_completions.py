"""The paper's rewards for four completions, as TRL would ask for them; no GPU, no model.

    python examples/score_completions.py

Needs the extra `train`. The same function goes into `trl grpo --reward_funcs
geoagent_training.rewards.geo_similarity` or a recipe.
"""

import json
from typing import Any

from geoagent_training.rewards import geo_similarity, spatial, well_formed

TRUTH = "Portugal; Lisbon; Sintra"
ANSWERS = (
    "Portugal; Lisbon; Sintra",
    "Portugal; Porto; Porto",
    "Spain; Madrid; Madrid",
    "somewhere warm",
)


def completion(answer: str) -> str:
    chain = json.dumps({"FinalAnswer": answer})
    return f"<think>{chain}</think><answer>{answer}</answer>"


def main() -> None:
    completions = [completion(answer) for answer in ANSWERS]
    columns: dict[str, Any] = {
        "solution": [TRUTH] * len(ANSWERS),
        "lat_deg": [38.8] * len(ANSWERS),
        "lon_deg": [-9.39] * len(ANSWERS),
    }
    rows = zip(
        ANSWERS,
        spatial(completions=completions, **columns),
        geo_similarity(completions=completions, **columns),
        well_formed(completions=completions, **columns),
        strict=True,
    )
    print(f"truth: {TRUTH}")
    for answer, near, both, form in rows:
        print(f"{answer:26} spatial {near:.3f}  geo_similarity {both:.3f}  well formed {form:.0f}")


if __name__ == "__main__":
    main()
