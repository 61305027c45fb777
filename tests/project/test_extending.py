"""Every section of docs/extending.md, followed word for word in an empty folder."""

import os
import re
import subprocess
import sys
import sysconfig
import venv
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.paths import ROOT

_BLOCK = re.compile(r'^```(\w+)(?: title="([^"]+)")?\n(.*?)^```$', re.MULTILINE | re.DOTALL)
_COMMANDS = {
    "geoagent": "geoagent_graph.cli.app",
    "geoagent-train": "geoagent_training.cli",
}


@dataclass(frozen=True)
class Section:
    """One section of the page: its files, and its commands with what they print."""

    title: str
    files: dict[str, str]
    commands: list[tuple[str, str]]


def read_sections(page: str) -> list[Section]:
    """Return the sections of a page that have files."""
    sections = []
    for part in re.split(r"^## ", page, flags=re.MULTILINE)[1:]:
        blocks = _BLOCK.findall(part)
        files = {name: text for _, name, text in blocks if name}
        commands = [
            (command, printed)
            for language, _, text in blocks
            if language == "console"
            for command, printed in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", text, re.MULTILINE)
        ]
        if files:
            sections.append(Section(part.splitlines()[0], files, commands))
    return sections


SECTIONS = read_sections((ROOT / "docs" / "extending.md").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def cold(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return the variables of a shell whose `python`, `pip` and `geoagent` are a new environment's.

    It sees the packages of the environment that runs the tests; what is installed goes into it.
    """
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False)
    scripts = folder / "bin"
    own = Path(sysconfig.get_path("purelib", vars={"base": str(folder)}))
    packages = sysconfig.get_path("purelib")
    (own / "tests.pth").write_text(f"import site; site.addsitedir({packages!r})\n")
    for command, module in _COMMANDS.items():
        write_script(scripts / command, f"from {module} import main\nmain()\n")
    write_script(
        scripts / "pip", "from pip._internal.cli.main import main\nraise SystemExit(main())\n"
    )
    sources = [str(ROOT / part) for part in (".", "kernels", "training")]
    return {
        **os.environ,
        "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": os.pathsep.join(sources),
        "GEOAGENT_HOME": str(folder / "cases"),
        # nothing is fetched to build a package of one file
        "PIP_NO_INDEX": "1",
        "PIP_NO_BUILD_ISOLATION": "0",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        # nor looked up, compiled or kept for another time
        "PIP_NO_DEPS": "1",
        "PIP_NO_COMPILE": "1",
        "PIP_NO_CACHE_DIR": "1",
    }


@pytest.fixture(scope="module")
def environment(
    cold: dict[str, str], warm_python: str, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    """Return the same variables; but for `pip` its commands have their imports behind them."""
    if warm_python == sys.executable:
        return cold
    scripts = tmp_path_factory.mktemp("warm")
    (scripts / "python").symlink_to(warm_python)
    for command, module in _COMMANDS.items():
        script = scripts / f"{command}.py"
        script.write_text(f"from {module} import main\nmain()\n")
        (scripts / command).write_text(f'#!/bin/sh\nexec {warm_python} {script} "$@"\n')
        (scripts / command).chmod(0o755)
    installed = Path(cold["PATH"].partition(os.pathsep)[0]).parent
    own = sysconfig.get_path("purelib", vars={"base": str(installed)})
    return {**cold, "PATH": f"{scripts}{os.pathsep}{cold['PATH']}", "WARM_SITE": own}


def write_script(path: Path, code: str) -> None:
    path.write_text(f"#!{path.parent / 'python'}\n{code}")
    path.chmod(0o755)


def matches(printed: str, expected: str) -> bool:
    """Say whether an output is the expected one; `...` stands for anything, and spacing is free."""
    parts = [re.escape(" ".join(part.split())) for part in expected.split("...")]
    return re.fullmatch(r"\s*.*".join(parts), " ".join(printed.split()), re.DOTALL) is not None


def test_the_page_has_every_seam() -> None:
    titles = [section.title for section in SECTIONS]
    seams = ["source of evidence", "policy", "retriever", "model that sees", "geocoder"]
    seams += ["output format", "reward"]
    assert [title.split(" ", 1)[1] for title in titles] == seams
    assert all(section.commands for section in SECTIONS)


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.title)
def test_a_section_works_as_it_is_written(
    section: Section, cold: dict[str, str], environment: dict[str, str], tmp_path: Path
) -> None:
    if section.title == "A reward":
        pytest.importorskip("trl")
    if section is SECTIONS[0]:
        environment = cold  # the others start their commands from warm interpreters
    for name, text in section.files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    for command, expected in section.commands:
        done = subprocess.run(
            command,
            shell=True,
            cwd=tmp_path,
            env=environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        assert done.returncode in (0, 3), f"$ {command}\n{done.stdout}"
        assert matches(done.stdout, expected), f"$ {command}\n{done.stdout}\nexpected:\n{expected}"
