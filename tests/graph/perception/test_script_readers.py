"""Who reads a script: what the settings name comes first, and is refused in one sentence."""

from importlib.metadata import EntryPoint
from pathlib import Path
from types import SimpleNamespace

import pytest

from geoagent_graph import plugins
from geoagent_graph.errors import InputError
from geoagent_graph.perception.script_readers import ScriptReaders, open_script_readers
from geoagent_graph.settings import Settings
from geoagent_graph.testing import FixedRecogniser


def test_a_recogniser_is_added_by_the_settings(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    kannada = FixedRecogniser("ಹಿಮಾಲಯ", "Knda")
    install(monkeypatch, kannada)
    settings = Settings(recognisers="kannada", tessdata_dir=tmp_path, weights_dir=tmp_path)
    readers = open_script_readers(settings)
    assert readers.scripts == ("Knda",)
    assert readers.read([], "Knda").text == "ಹಿಮಾಲಯ"


def test_the_next_is_asked_where_the_first_is_not_sure() -> None:
    first = FixedRecogniser("ಹಿ", "Knda", confidence=0.3)
    second = FixedRecogniser("ಬೆಂಗಳೂರು", "Knda")
    assert ScriptReaders(first, second).read([], "Knda").text == "ಬೆಂಗಳೂರು"
    assert (first.asked, second.asked) == (["Knda"], ["Knda"])


def test_a_recogniser_that_lacks_a_part_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, SimpleNamespace(scripts=("Knda",)))
    with pytest.raises(InputError, match="kannada: no recogniser of scripts: it has no `read`"):
        open_script_readers(Settings(recognisers="kannada"))


def test_an_unknown_recogniser_is_said() -> None:
    with pytest.raises(InputError, match=r"no such plug-in of geoagent_graph\.recognisers"):
        open_script_readers(Settings(recognisers="nobody_has_this"))


def install(monkeypatch: pytest.MonkeyPatch, recogniser: object) -> None:
    entry = EntryPoint("kannada", "nothing:nothing", "geoagent_graph.recognisers")
    monkeypatch.setattr(plugins, "entry_points", lambda **which: [entry])
    monkeypatch.setattr(plugins, "_import_object", lambda found: lambda settings: recogniser)
