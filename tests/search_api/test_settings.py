"""Settings: which source wins, what is refused, and what is shown of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from search_api.configuration import load
from search_api.errors import SettingsError
from search_api.settings import RATE_ELSEWHERE, Settings

SECRET = "x" * 40


def test_flags_before_the_environment_before_the_file_before_defaults(tmp_path: Path) -> None:
    file = tmp_path / "veille.toml"
    file.write_text('index = "of-file"\nport = 1\nhost = "::1"\nworkers = 3\ncors_origins = ["https://a.example"]\n')
    environment = {"VEILLE_PORT": "2", "VEILLE_HOST": "127.0.0.2", "VEILLE_INDEX": "", "OTHER": "x"}
    loaded = load({"port": 3, "host": None}, config=file, environment=environment)
    found = loaded.settings
    assert (found.port, found.host, found.workers, found.index) == (3, "127.0.0.2", 3, Path("of-file"))
    assert found.cors_origins == ("https://a.example",)
    assert loaded.origins["port"] == "flag"
    assert loaded.origins["host"] == "environment"
    assert loaded.origins["workers"] == str(file)
    assert "cache_entries" not in loaded.origins


def test_the_file_may_be_named_by_the_environment(tmp_path: Path) -> None:
    file = tmp_path / "veille.toml"
    file.write_text('index = "there"\n')
    assert load(environment={"VEILLE_CONFIG": str(file)}).settings.index == Path("there")


def test_lists_of_the_environment_have_commas() -> None:
    environment = {"VEILLE_INDEX": "x", "VEILLE_TRUSTED_PROXIES": "10.0.0.0/8, ::1"}
    assert [str(network) for network in load(environment=environment).settings.proxies] == ["10.0.0.0/8", "::1/128"]


def test_secrets_are_masked() -> None:
    loaded = load(environment={"VEILLE_INDEX": "x", "VEILLE_API_KEY": SECRET})
    text = "\n".join(loaded.lines())
    assert SECRET not in text
    assert SECRET not in repr(loaded.settings)
    assert any(line.split() == ["api_key", "**********", "environment"] for line in loaded.lines())
    assert len(loaded.lines()) == len(Settings.model_fields)


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({}, "VEILLE_INDEX is not set"),
        ({"VEILLE_INDEX": "x", "VEILLE_PORT": "many"}, "VEILLE_PORT: port"),
        ({"VEILLE_INDEX": "x", "VEILLE_PORT": "70000"}, "VEILLE_PORT: port"),
        ({"VEILLE_INDEX": "x", "VEILLE_RATE_LIMIT": "fast"}, "VEILLE_RATE_LIMIT: rate_limit"),
        ({"VEILLE_INDEX": "x", "VEILLE_API_KEY": "short"}, "fewer than 32"),
        ({"VEILLE_INDEX": "x", "VEILLE_TRUSTED_PROXIES": "nobody"}, "VEILLE_TRUSTED_PROXIES"),
        ({"VEILLE_INDEX": "x", "VEILLE_OPEN": "1", "VEILLE_REQUIRE_KEY": "1"}, "exclude each other"),
    ],
)
def test_mistakes_are_named(environment: dict[str, str], said: str) -> None:
    with pytest.raises(SettingsError) as raised:
        load(environment=environment)
    assert said in str(raised.value)
    assert "short" not in str(raised.value)


@pytest.mark.parametrize(("text", "said"), [("port = ", "TOML"), ('index = "x"\nprot = 3', "prot"), (None, "read")])
def test_mistakes_of_a_file_are_named(tmp_path: Path, text: str | None, said: str) -> None:
    file = tmp_path / "veille.toml"
    if text is not None:
        file.write_text(text)
    with pytest.raises(SettingsError) as raised:
        load(config=file, environment={})
    assert said in str(raised.value)
    assert str(file) in str(raised.value)


@pytest.mark.parametrize(
    ("given", "guarded", "rate"),
    [
        ({}, False, None),
        ({"host": "localhost"}, False, None),
        ({"host": "::1"}, False, None),
        ({"host": "127.8.8.8"}, False, None),
        ({"host": "0.0.0.0"}, True, RATE_ELSEWHERE),  # noqa: S104  # nothing listens
        ({"host": "::"}, True, RATE_ELSEWHERE),
        ({"host": "news.example"}, True, RATE_ELSEWHERE),
        ({"host": "::", "open": True}, False, RATE_ELSEWHERE),
        ({"host": "::", "rate_limit": "none"}, True, None),
        ({"require_key": True, "rate_limit": "5/second"}, True, "5/second"),
    ],
)
def test_who_needs_a_key_and_who_is_counted(given: dict[str, object], guarded: bool, rate: str | None) -> None:
    found = Settings(index=Path("x"), **given)  # type: ignore[arg-type]
    assert (found.guarded, found.rate) == (guarded, rate)


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError):
        Settings(index=Path("x")).port = 3  # type: ignore[misc]
