"""The figures of how functions and constants are named, printed beside those of last time.

    python tools/count_names.py                      # the three packages
    python tools/count_names.py PATH...              # any folder or file
    python tools/count_names.py --list participles   # or bare, private, constants
    python tools/count_names.py --max-participles 3 --max-private 5   # exits 1 when above
    python tools/count_names.py --save               # keeps these figures for next time

What is counted
* Functions: every `def` and `async def`, methods and nested functions too, without dunder
  methods. They are the denominator of all shares of functions. Folders named `tests` are left out.
* Participles: the FIRST word of the name is a participle (`_told`, `written_as`, `drawn_clue`,
  `naming_files`): ends in -ed or -ing, or is listed in `IRREGULAR`, and is not in `NO_PARTICIPLES`
  (`embed`, `ring`, `encoding`). Forms that are the imperative as well (`read`, `cut`, `set`,
  `split`) are none. The goal of 3 % is set in this measure (8.7 % when it was set).
* Bare participles, a part of them: the participle stands alone or before words that name nothing
  (`_told`, `written_as`, `taken_by_file`). `allowed_towns` is a participle by the first measure,
  not by this one: it names what it returns.
* Private one-word names: one leading underscore and a single word (`_told`, `_line`). When the
  goal of 5 % was set this was reported as 28 % rather than 26 %; that figure comes out when
  decorated functions and members of protocols are left out of the count. Here they are in it.
* Constants: of the upper-case names with a word of `OWN_WORDS` or of `FIELD_WORDS`, the share
  with one of `OWN_WORDS`.
"""

import argparse
import ast
import datetime
import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = (
    "geoagent_graph",
    "kernels/geoagent_kernels",
    "training/geoagent_training",
    "evaluation/geoagent_evaluation",
)
BASELINE = ROOT / "tools" / "names_baseline.json"


def word_set(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


IRREGULAR = word_set(
    """
    begun born borne broken brought built bought caught chosen dealt done drawn driven eaten fallen
    felt flown forbidden forgotten found frozen given gone grown heard held hidden kept known laid
    learnt left lent lost made meant met misread overridden paid proven said seen sent shaken shown
    sold sought spent spoken stolen struck sunk sworn taken taught thrown told torn understood
    withdrawn won worn woven written
    """
)
NO_PARTICIPLES = word_set(
    """
    bed bleed breed embed exceed feed heed indeed need proceed red seed shed speed succeed weed
    anything bring everything king nothing ping ring sing something spring string swing thing wing
    building embedding encoding heading logging meaning padding reasoning setting spacing training
    warning
    """
)
FUNCTION_WORDS = word_set(
    """
    about after again alone and apart as aside at away back before behind by down early first for
    from here in into it later not now of off on once one or out over since than that there through
    to together too under until up when where with within without
    """
)
OWN_WORDS = frozenset(("LEAST", "MOST", "SHOWN", "SURE"))
FIELD_WORDS = frozenset(("MIN", "MAX", "DEFAULT"))

ROWS = {  # figure -> label, unit
    "functions": ("functions", ""),
    "participles": ("first word a participle", " %"),
    "bare": ("  nothing but a participle", " %"),
    "private": ("private one-word names", " %"),
    "constants": ("LEAST/MOST/SHOWN/SURE among bounds", " %"),
    "folders": ("folders with modules", ""),
    "modules_median": ("modules per folder, median", ""),
    "modules_max": ("modules per folder, most", ""),
    "length_median": ("lines per function, median", ""),
}
LISTS = ("participles", "bare", "private", "constants")
GOALS = {"participles": 3.0, "private": 5.0}

Figures = dict[str, float]


@dataclass(frozen=True)
class Name:
    """A function or constant where it is defined."""

    name: str
    path: str
    line: int


@dataclass
class Count:
    """What was found in the modules that were read."""

    functions: list[Name] = field(default_factory=list)
    constants: list[Name] = field(default_factory=list)
    lengths: list[int] = field(default_factory=list)
    modules: Counter[str] = field(default_factory=Counter)


def split_words(name: str) -> list[str]:
    """Words of a name in lower case, without its underscores."""
    return [word for word in name.lower().split("_") if word]


def is_participle(word: str) -> bool:
    """True for one word that is a participle and nothing else."""
    if word in NO_PARTICIPLES:
        return False
    return word in IRREGULAR or re.fullmatch(r"\w{2,}(ed|ing)", word) is not None


def starts_with_participle(name: str) -> bool:
    """True if the first word of a name is a participle."""
    words = split_words(name)
    return bool(words) and is_participle(words[0])


def is_bare_participle(name: str) -> bool:
    """True if a participle stands alone or before a word that names nothing."""
    words = split_words(name)
    return starts_with_participle(name) and (len(words) == 1 or words[1] in FUNCTION_WORDS)


def is_private_word(name: str) -> bool:
    """True for one leading underscore and a single word."""
    return re.fullmatch(r"_[^_]+", name) is not None


def is_dunder(name: str) -> bool:
    """True for methods that Python itself calls."""
    return name.startswith("__") and name.endswith("__")


def has_word(name: str, words: frozenset[str]) -> bool:
    """True if one of the words between underscores is among these."""
    return not words.isdisjoint(name.split("_"))


def module_paths(paths: Iterable[Path]) -> Iterator[Path]:
    """Python files below the paths, without folders named `tests`."""
    for path in paths:
        if path.is_file():
            yield path
        for module in sorted(path.rglob("*.py")):
            if "tests" not in module.relative_to(path).parts:
                yield module


def constant_names(node: ast.AST) -> Iterator[ast.Name]:
    """Upper-case names that an assignment binds."""
    if isinstance(node, ast.Assign):
        targets = node.targets
    elif isinstance(node, ast.AnnAssign):
        targets = [node.target]
    else:
        return
    for target in targets:
        for part in ast.walk(target):
            if (
                isinstance(part, ast.Name)
                and isinstance(part.ctx, ast.Store)
                and part.id.strip("_").isupper()
            ):
                yield part


def add_module(count: Count, source: str | bytes, path: Path) -> None:
    """Adds one module's functions and constants to the count."""
    shown_path = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
    count.modules[str(shown_path.parent)] += 1
    for node in ast.walk(ast.parse(source, str(path))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not is_dunder(node.name):
            count.functions.append(Name(node.name, str(shown_path), node.lineno))
            count.lengths.append((node.end_lineno or node.lineno) - node.lineno + 1)
        for constant in constant_names(node):
            count.constants.append(Name(constant.id, str(shown_path), constant.lineno))


def count_modules(paths: Iterable[Path]) -> Count:
    """Names of all modules below the paths."""
    count = Count()
    for path in module_paths(paths):
        add_module(count, path.read_bytes(), path)
    return count


def list_offenders(count: Count, kind: str) -> list[Name]:
    """Names of one kind of `LISTS`, by path and line."""
    if kind == "constants":
        found = [name for name in count.constants if has_word(name.name, OWN_WORDS)]
    else:
        tests = {
            "participles": starts_with_participle,
            "bare": is_bare_participle,
            "private": is_private_word,
        }
        found = [name for name in count.functions if tests[kind](name.name)]
    return sorted(found, key=lambda name: (name.path, name.line, name.name))


def percentage(part: int, whole: int) -> float:
    """Per cent to two digits; 0 of nothing."""
    return round(100 * part / whole, 2) if whole else 0.0


def calculate_figures(count: Count) -> Figures:
    """One number for each of `ROWS`."""
    functions = len(count.functions)
    bounds = [name for name in count.constants if has_word(name.name, OWN_WORDS | FIELD_WORDS)]
    wholes = dict.fromkeys(LISTS, functions) | {"constants": len(bounds)}
    shares = {kind: percentage(len(list_offenders(count, kind)), wholes[kind]) for kind in LISTS}
    return {
        "functions": functions,
        **shares,
        "folders": len(count.modules),
        "modules_median": median(count.modules.values() or [0]),
        "modules_max": max(count.modules.values(), default=0),
        "length_median": median(count.lengths or [0]),
    }


def format_table(figures: Figures, last: Figures | None, since: str) -> str:
    """Lines of the table: label, now, last time, goal."""
    lines = [f"{'':36}{'now':>10}{'last time':>12}{'goal':>10}   {since}".rstrip()]
    for key, (label, unit) in ROWS.items():
        before = f"{last[key]:g}{unit}" if last and key in last else "-"
        goal = f"< {GOALS[key]:g} %" if key in GOALS else ""
        lines.append(f"{label:36}{f'{figures[key]:g}{unit}':>10}{before:>12}{goal:>10}".rstrip())
    return "\n".join(lines)


def current_commit() -> str:
    """Short hash of the repository's commit."""
    command = ["git", "-C", str(ROOT), "rev-parse", "--short=10", "HEAD"]
    try:
        result = subprocess.run(command, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        sys.exit(f"count_names.py: --save needs a git checkout: {error}")
    return result.stdout.strip()


def save_baseline(figures: Figures, path: Path) -> None:
    """Writes the figures with today's date and the commit that was counted."""
    today = datetime.datetime.now(tz=datetime.UTC).date().isoformat()
    baseline = {"date": today, "commit": current_commit(), "figures": figures}
    path.write_text(json.dumps(baseline, indent=2) + "\n", encoding="utf-8")


def limit_problems(figures: Figures, limits: dict[str, float | None]) -> list[str]:
    """A sentence for each share above its limit."""
    return [
        f"{ROWS[key][0].strip()}: {figures[key]:g} % is above {limit:g} %; "
        f"`--list {key}` names them"
        for key, limit in limits.items()
        if limit is not None and figures[key] > limit
    ]


def make_parser() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(description="How functions and constants are named.")
    parser.add_argument("paths", nargs="*", type=Path, metavar="PATH")
    parser.add_argument("--list", choices=LISTS, dest="kind", help="print path:line name instead")
    parser.add_argument("--save", action="store_true", help="keep these figures for next time")
    parser.add_argument("--max-participles", type=float, metavar="PERCENT")
    parser.add_argument("--max-private", type=float, metavar="PERCENT")
    return parser


def print_table(figures: Figures, *, compare: bool) -> None:
    """Prints the table, beside the figures of last time where there are some."""
    last, since = None, ""
    if compare and BASELINE.exists():
        baseline = json.loads(BASELINE.read_text(encoding="utf-8"))
        last, since = baseline["figures"], f"last time: {baseline['date']}, {baseline['commit']}"
    print(format_table(figures, last, since))


def count_or_exit(parser: argparse.ArgumentParser, paths: list[Path]) -> Count:
    """Names below the paths; exits with one line where there are none to read."""
    try:
        count = count_modules(paths)
    except SyntaxError as error:
        parser.error(f"{error.filename}:{error.lineno} is not Python: {error.msg}")
    if not count.modules:
        parser.error(f"no Python files in {', '.join(map(str, paths))}")
    return count


def main(arguments: list[str] | None = None) -> int:
    """Exit status: 1 if a share is above its limit."""
    parser = make_parser()
    options = parser.parse_args(arguments)
    if options.save and options.paths:
        parser.error("--save keeps the figures of the three packages: leave out PATH")
    paths = [path.resolve() for path in options.paths] or [ROOT / name for name in PACKAGES]
    count = count_or_exit(parser, paths)
    figures = calculate_figures(count)
    if options.kind:
        for name in list_offenders(count, options.kind):
            print(f"{name.path}:{name.line} {name.name}")
    else:
        print_table(figures, compare=not options.paths)
    if options.save:
        save_baseline(figures, BASELINE)
    limits = {"participles": options.max_participles, "private": options.max_private}
    problems = limit_problems(figures, limits)
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
