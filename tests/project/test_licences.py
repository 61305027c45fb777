"""What the base installation brings is under licences that may stand beside Apache-2.0."""

import pytest

from tests.support.paths import ROOT
from tools.check_licences import (
    installed_names,
    licence_names,
    licence_statement,
    licences,
    stated_requirements,
)

TABLES = (
    "geoagent_graph/data",
    "evaluation/geoagent_evaluation/data",
    "evaluation/geoagent_evaluation/report/data",
    "geoagent_graph/serve/static/vendor",
    "docs/javascripts",
)
WHOLE_FOLDERS = ("natural_earth", "regions", "vendor", "javascripts")  # named as folders
OWN_TEXTS = ("LICENSE", "README.md")
CODE = (".py", ".pyc")


def test_every_base_dependency_is_under_an_allowed_licence() -> None:
    rows = licences(installed_names(stated_requirements()))
    assert len(rows) > 40
    assert {row.name for row in rows} >= {"numpy", "pillow", "langgraph", "urllib3"}
    assert [row for row in rows if not row.is_allowed] == []


def test_packages_under_the_lgpl_are_in_the_notice() -> None:
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8")
    rows = licences(installed_names(stated_requirements(["heic", "serve", "served", "mcp"])))
    copyleft = [row.name for row in rows if "LGPL" in row.names]
    assert "reverse-geocoder" in copyleft
    for name in (*copyleft, "pykdtree", "psycopg"):
        assert name in notice, name


@pytest.mark.parametrize(
    ("statement", "names"),
    [
        ("MPL-2.0 AND (Apache-2.0 OR MIT)", ("MPL-2.0", "Apache-2.0", "MIT")),
        ("MIT License, Apache License, Version 2.0", ("MIT", "Apache-2.0")),
        ("3-Clause BSD License", ("BSD-3-Clause",)),
        ("GNU Affero General Public License v3", ("GPL",)),
        ("GPL-2.0-only WITH Classpath-exception-2.0", ("GPL", "Classpath-exception-2.0")),
        ("LGPL-3.0-or-later", ("LGPL",)),
        ("Limited use", ("Limited use",)),
        ("", ()),
    ],
)
def test_licences_are_told_by_their_names(statement: str, names: tuple[str, ...]) -> None:
    assert licence_names(statement) == names


def test_a_whole_licence_is_no_name() -> None:
    classifiers = [
        "License :: OSI Approved",
        "License :: OSI Approved :: BSD License",
        "Topic :: X",
    ]
    assert licence_statement(None, "Copyright (c) 2001 " * 9, classifiers) == "BSD License"
    assert licence_statement("MIT", "GPL", classifiers) == "MIT"
    assert licence_statement(None, "UNKNOWN", []) == ""


def test_every_data_table_is_in_the_notice() -> None:
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8")
    files = [path for folder in TABLES for path in (ROOT / folder).rglob("*") if path.is_file()]
    tables = [path for path in files if path.suffix not in CODE]
    assert len(tables) > 25
    for path in tables:
        if not path.name.startswith(OWN_TEXTS):
            folder = path.parent.name
            wanted = f"{folder}/" if folder in WHOLE_FOLDERS else path.name
            assert wanted in notice, f"NOTICE says nothing of {path}"
