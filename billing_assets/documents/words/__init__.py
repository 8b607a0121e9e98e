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
def words_of(language: str) -> dict:
    """The catalogue of a language: words, and tables of words for components, reasons of no tax, and units."""
    return tomllib.loads((_HERE / f"{language}.toml").read_text(encoding="utf-8"))


def named(words: dict, label: str, component: str | None) -> str:
    """What a line is about: its label, and the part of it."""
    return ", ".join([label, words["components"][component]]) if component else label
