"""The form that reference tables share: what a company hands in, with file and line."""

from billing_assets.contract import LINEAGE, Column, InputTable

GROUP = "reference"


def reference(name: str, grain: str, description: str, *columns: Column, required=True, derived=()):
    return InputTable(name, GROUP, grain, description, (*columns, *LINEAGE), required=required, derived=derived)
