"""Runs the command line with scripted tools, in this process or in another one."""

import sys
import types
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from geoagent_graph.errors import PhotoError
from geoagent_graph.protocols import OpenedPhoto, Retriever, Situation, TextLine, TextReader
from geoagent_graph.settings import Settings
from geoagent_graph.testing import (
    EUROPE,
    FixedEvidence,
    FixedTextReader,
    MemoryImages,
    ScriptedPolicy,
    scripted_toolbox,
)
from geoagent_graph.toolbox import Toolbox
from geoagent_graph.types import Box, Hypothesis, Level, Place, Verdict

SIGN = TextLine(
    text="Rua das Flores",
    box=Box(left=0.1, top=0.1, right=0.5, bottom=0.2),
    confidence=0.9,
    script="Latn",
    language="pt",
    language_confidence=0.9,
    recogniser="scripted",
)


class Photos(MemoryImages):
    """Photos of a folder; a missing one fails as a real one does."""

    def open(self, source: Path | bytes, name: str | None = None) -> OpenedPhoto:
        """Return the reference of a photo."""
        if isinstance(source, Path):
            if not source.is_file():
                raise PhotoError(f"{source}: no such file. Check the path.")
            name = name or source.name
        return super().open(source, name)


class Abstaining(ScriptedPolicy):
    """Stops before the first decision."""

    async def judge(self, situation: Situation, candidates: Sequence[Hypothesis]) -> Verdict:
        """Stop."""
        return Verdict(decision="stop", reason="too thin")


def install(
    monkeypatch: pytest.MonkeyPatch, *, reader: TextReader | None = None, abstain: bool = False
) -> list[dict[str, Any]]:
    """Let the command line open scripted tools; return what it asked for."""
    asked: list[dict[str, Any]] = []
    candidates: dict[Level, list[tuple[Place, float]]] = {"continent": [(EUROPE, 0.4)]}
    policy = Abstaining(candidates) if abstain else ScriptedPolicy.towards_lisbon()

    def open_toolbox(
        settings: Settings | None,
        *,
        index: Path | None = None,
        retriever: Retriever | str | None = None,
        progress: Callable[[float, str], None] | None = None,
        engines_apart: bool = False,
    ) -> Toolbox:
        asked.append({"settings": settings, "index": index})
        return scripted_toolbox(**parts)

    parts = {
        "policy": policy,
        "images": Photos(),
        "text_reader": reader or FixedTextReader([SIGN]),
        "evidence": FixedEvidence({"country:PT": 3.0}),
    }
    module = types.ModuleType("geoagent_graph.default_tools")
    vars(module)["open_toolbox"] = open_toolbox
    monkeypatch.setitem(sys.modules, "geoagent_graph.default_tools", module)
    return asked


def run(*arguments: object) -> str | int | None:
    """Run the command line and return its exit status."""
    from geoagent_graph.cli.app import main

    with pytest.raises(SystemExit) as left:
        main([str(argument) for argument in arguments])
    return left.value.code


def printed(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[str | int | None, str]:
    """Run the command line and return its exit status and what it printed."""
    capsys.readouterr()
    return run(*arguments), capsys.readouterr().out
