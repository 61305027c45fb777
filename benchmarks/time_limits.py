"""CPU seconds of what must stay quick, beside their limits; exits with 1 beyond one.

    OMP_NUM_THREADS=1 PYTHONPATH=. python benchmarks/time_limits.py      # on an idle machine

The smallest of five runs counts. Tests assert no times: they would depend on what else the machine
does.
"""

import contextlib
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial

from geoagent_training.rewards.completions import parse_completion

from geoagent_graph.evidence.names.extraction import place_name_clues
from geoagent_graph.geo.gazetteer import open_gazetteer
from geoagent_graph.policies.model.chain import parse_chain
from geoagent_graph.policies.model.replies import ReplyError
from geoagent_graph.settings import load_settings
from tests.support.evidence_cases import Case, answer_to, model, text_clue
from tests.support.hostile_replies import HOSTILE_CHAINS, HOSTILE_COMPLETIONS

RUNS = 5
ODD_LINES = ("1" * 2000, "a.b." * 400, "東" * 1500, "München " * 200, "( " * 300, "0 " * 900)
PHOTO = Case("Rua Augusta", "Tel. 21 342 1234", "lisboa.pt")


def import_seconds(module: str) -> float:
    """Return the CPU seconds that importing takes in a new process."""
    code = f"import time; start = time.process_time(); import {module}; "
    code += "print(time.process_time() - start)"
    return float(subprocess.check_output([sys.executable, "-c", code], text=True))


def run_seconds(run: Callable[[], object]) -> float:
    """Return the CPU seconds of one call."""
    start = time.process_time()
    with contextlib.suppress(ReplyError):
        run()
    return time.process_time() - start


def parse_anew(text: str) -> None:
    parse_completion.cache_clear()
    parse_completion(text[:65_536])


def answer_anew() -> None:
    model()._kept.clear()
    answer_to(PHOTO)


def limits() -> Iterator[tuple[str, float, Callable[[], float]]]:
    """Yield what is measured, its limit in seconds, and the measurement."""
    yield "import geoagent_graph", 0.3, lambda: import_seconds("geoagent_graph")
    yield "import geoagent_graph.cli.app", 0.2, lambda: import_seconds("geoagent_graph.cli.app")
    for name, text in HOSTILE_CHAINS.items():
        yield f"64 kB chain: {name}", 0.05, partial(run_seconds, partial(parse_chain, text))
    for name, text in HOSTILE_COMPLETIONS.items():
        yield f"64 kB completion: {name}", 0.05, partial(run_seconds, partial(parse_anew, text))
    towns = model().town_table
    for line in ODD_LINES:
        yield (
            f"clues of {line[:8]}...",
            1.0,
            partial(run_seconds, partial(place_name_clues, [text_clue(line)], towns)),
        )
    yield "the evidence of one photo", 0.12, lambda: run_seconds(answer_anew)
    opened = load_settings()
    yield "compiled gazetteer", 0.3, lambda: run_seconds(lambda: open_gazetteer(opened))


def main() -> None:
    beyond = 0
    for name, limit, measure in limits():
        least = min(measure() for _ in range(RUNS))
        beyond += least > limit
        print(f"{name:<45}{least:>8.3f} s of {limit:g}{'  BEYOND' if least > limit else ''}")
    sys.exit(1 if beyond else 0)


if __name__ == "__main__":
    main()
