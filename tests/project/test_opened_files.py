"""Files from outside are opened in one way, `regular_files`; who opens others is listed here."""

import ast
from pathlib import Path

from tools.count_imports import PACKAGES

OTHERWISE = {
    "batch/file_systems": "files of other file systems",
    "batch/shards": "a packed file that was opened through it",
    "cases/environment": "files of the package",
    "cli/given_photos": "members of an archive that was opened through it, and new files",
    "cli/keep_warm/helper": "makes its own lock, and takes over streams",
    "cli/path_command": "a member of an archive that was opened through it",
    "cli/streams": "the null device",
    "evidence/brands": "files of the package",
    "evidence/language/sign_words": "files of the package",
    "evidence/language/spelling": "files of the package",
    "evidence/names/name_words": "files of the package",
    "evidence/names/trades": "files of the package",
    "evidence/phones/area_table": "files of the package",
    "evidence/phones/placed_areas": "files of the package",
    "evidence/tables": "files of the package",
    "geo/countries": "files of installed packages",
    "geo/disputes": "files of the package",
    "geo/regions_compile": "files of the package",
    "geo/time_zones": "files of installed packages",
    "geo/topojson": "files of the package",
    "geo/towns": "files of installed packages",
    "images/allowed": "walks folders by handles and asks for regular files itself",
    "images/sandbox/allowance": "what the process itself takes, as Linux lists it",
    "images/source": "has words of its own for photos",
    "perception/cached_network": "files of installed packages",
    "perception/script_guess": "files of the package",
    "perception/text_cells": "files of the package",
    "policies/model/prompt_digest": "files of the package",
    "regular_files": "is the way",
    "render/html/html_report": "files of the package",
    "render/html/notebook": "files of the package",
    "render/html/trace_check": "files of the package",
    "render/maps/world_shapes": "files of the package",
    "render/pdf": "what was just printed",
    "retrieval/coded_build": "its own working files",
    "retrieval/embedding_log": "makes a new file",
    "retrieval/faiss_retriever": "holds a folder",
    "retrieval/index_folder": "makes new files, holds a folder",
    "retrieval/shard_folder": "makes new files, reads one it made",
    "serve/map_routes": "files of the package",
    "serve/page": "files of the package",
    "testing/qwen_tokenizer": "files of installed packages",
    "testing/scripted": "photos of tests",
    "translation": "files of the package",
    "weights/catalogue": "files of the package",
    "weights/tensor_file": "files of installed packages",
    "whole_files": "makes new files, holds folders and what a killed writer left",
}
_READS = {"read_bytes", "read_text"}


def test_files_are_opened_in_one_way() -> None:
    root = PACKAGES["geoagent_graph"]
    found = {
        path.relative_to(root).with_suffix("").as_posix()
        for path in root.rglob("*.py")
        if _opens_a_file(path)
    }
    assert found - OTHERWISE.keys() == set(), "open what comes from outside with open_regular"
    assert OTHERWISE.keys() - found == set()


def _opens_a_file(path: Path) -> bool:
    calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    return any(_is_opening(call) for call in calls)


def _is_opening(call: ast.Call) -> bool:
    match call.func:
        case ast.Name(id="open"):
            return True
        case ast.Attribute(value=ast.Name(id="os"), attr="open"):
            return True
        case ast.Attribute(attr="open"):  # of a path, with a mode or an encoding
            modes = [arg.value for arg in call.args if isinstance(arg, ast.Constant)]
            named = {keyword.arg for keyword in call.keywords}
            return any(isinstance(mode, str) for mode in modes) or "encoding" in named
        case ast.Attribute(attr=name, value=value):
            return name in _READS and not (isinstance(value, ast.Name) and value.id == "fields")
    return False
