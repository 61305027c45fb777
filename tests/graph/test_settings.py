"""Settings come from the environment, within their bounds, and errors name the variable."""

import os

import pytest
from pydantic import ValidationError

from geoagent_graph.errors import InputError
from geoagent_graph.settings import Settings, load_settings, prepare_process


def test_a_field_is_set_by_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEOAGENT_BUDGET", "12")
    monkeypatch.setenv("GEOAGENT_USE_EXIF", "0")  # no setting: other programs' variables are theirs
    assert load_settings().budget == 12
    monkeypatch.delenv("GEOAGENT_BUDGET")
    assert load_settings().budget == 40


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BUDGET", "5"),
        ("BUDGET", "many"),
        ("MAX_PIXELS", "9999"),
        ("CALL_SECONDS", "nan"),
        ("DECODE_SECONDS", "0"),
        ("SEED", "-1"),
        ("QUANTISATION", "int2"),
    ],
)
def test_a_value_out_of_bounds_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"GEOAGENT_{name}", value)
    with pytest.raises(InputError) as error:
        load_settings()
    assert str(error.value).startswith(f"GEOAGENT_{name}: ")
    assert str(error.value).endswith("; change or unset the variable.")


def test_settings_are_frozen_and_closed() -> None:
    settings = Settings()
    with pytest.raises(ValidationError):
        settings.budget = 7  # type: ignore[misc]
    with pytest.raises(ValidationError):
        Settings.model_validate({"no_such_setting": 1})


def test_a_token_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEOAGENT_SERVE_TOKEN", "a-word-to-hide")
    assert "a-word-to-hide" not in repr(load_settings())


def test_what_the_user_decided_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORT_DISABLE_TELEMETRY", "0")
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    monkeypatch.setenv("LANGGRAPH_STRICT_MSGPACK", "false")
    prepare_process()
    assert os.environ["ORT_DISABLE_TELEMETRY"] == "1"  # telemetry is nobody's choice
    assert os.environ["OMP_NUM_THREADS"] == "3"
    assert os.environ["LANGGRAPH_STRICT_MSGPACK"] == "false"
