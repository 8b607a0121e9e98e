"""An invoice as one HTML file that needs no other."""

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, Template

from billing_assets.documents.printed import Printed


def as_html(document: dict) -> bytes:
    return _template().render(it=Printed(document)).encode()


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template("invoice.html")
