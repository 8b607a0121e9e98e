"""The words of printed documents by language: a catalogue LANGUAGE.toml each, with the same keys."""

import tomllib
from functools import cache
from pathlib import Path

_HERE = Path(__file__).parent
DEFAULT = "en"
LANGUAGES = tuple(sorted(path.stem for path in _HERE.glob("*.toml")))


def language_of(wanted: str) -> str:
    """The language itself where it has a catalogue, else English."""
    return wanted if wanted in LANGUAGES else DEFAULT


@cache
def words_of(language: str) -> dict[str, str]:
    """The catalogue of a language."""
    return tomllib.loads((_HERE / f"{language}.toml").read_text(encoding="utf-8"))
