"""Runs the command line with scripted tools, in this process or in another one."""

import sys
import types
from pathlib import Path

import pytest

from geoagent_graph.errors import PhotoError
from geoagent_graph.protocols import TextLine
from geoagent_graph.testing import (
    EUROPE,
    FixedEvidence,
    FixedTextReader,
    MemoryImages,
    ScriptedPolicy,
    scripted_toolbox,
)
from geoagent_graph.types import Box, Verdict

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

    def open(self, source, name=None):
        """Return the reference of a photo."""
        if isinstance(source, Path):
            if not source.is_file():
                raise PhotoError(f"{source}: no such file. Check the path.")
            name = name or source.name
        return super().open(source, name)


class Abstaining(ScriptedPolicy):
    """Stops before the first decision."""

    async def judge(self, situation, candidates):
        """Stop."""
        return Verdict(decision="stop", reason="too thin")


def install(monkeypatch, *, reader=None, abstain=False):
    """Let the command line open scripted tools; return what it asked for."""
    asked = []
    candidates = {"continent": [(EUROPE, 0.4)]}
    policy = Abstaining(candidates) if abstain else ScriptedPolicy.towards_lisbon()

    def open_toolbox(settings, *, index=None, retriever=None, progress=None):
        asked.append({"settings": settings, "index": index})
        return scripted_toolbox(**parts)

    parts = {
        "policy": policy,
        "images": Photos(),
        "text_reader": reader or FixedTextReader([SIGN]),
        "evidence": FixedEvidence({"country:PT": 3.0}),
    }
    module = types.ModuleType("geoagent_graph.default_tools")
    module.open_toolbox = open_toolbox
    monkeypatch.setitem(sys.modules, "geoagent_graph.default_tools", module)
    return asked


def run(*arguments):
    """Run the command line and return its exit status."""
    from geoagent_graph.cli.app import main

    with pytest.raises(SystemExit) as left:
        main([str(argument) for argument in arguments])
    return left.value.code


def printed(capsys, *arguments):
    """Run the command line and return its exit status and what it printed."""
    capsys.readouterr()
    return run(*arguments), capsys.readouterr().out
