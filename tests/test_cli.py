"""The `billing` command: an invoice explained down to the files, and errors in one sentence."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from billing_assets.invoices.tables import INVOICES
from jobs import cli
from resources.lake import Lake

ROOT = Path(__file__).parent.parent
INVOICE = "2026-01-ANNA-EUR"
_NUMBER = r"-?\d+(?:\.\d+)?"
_PLACE = re.compile(r"(\S+):(\d+)$")


@pytest.fixture
def explain(billed, capsys) -> Callable[..., list[str]]:
    """The lines that `billing explain` prints."""

    def run(*arguments: str) -> list[str]:
        assert cli.main(["explain", INVOICE, "--lake", str(billed / "lake"), *arguments]) == 0
        return capsys.readouterr().out.splitlines()

    return run


def _amounts(lines: list[str], pattern: str) -> list[Decimal]:
    """The amount of each line that fits the pattern, in which it is {}."""
    found = [re.search(pattern.replace("{}", f"({_NUMBER})"), line) for line in lines]
    return [Decimal(match[1]) for match in found if match]


def test_an_invoice_adds_up(explain, billed, engine, rows):
    printed = explain()
    lines = _amounts(printed, r"^ +\d+ +{} EUR  ")
    ((net,), (tax,), (total,)) = (_amounts(printed, f"^ +{{}} EUR  {word}") for word in ("net", "VAT", "total"))
    assert sum(lines) == net
    assert tax == (net * 20 / 100).quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert net + tax == total
    (invoice,) = rows(Lake(billed / "lake", engine).read(INVOICES, ["2026-01"]))
    assert (invoice["net_amount"], invoice["tax_amount"], invoice["gross_amount"]) == (net, tax, total)
    assert invoice["lines"] == len(lines)


def _items(printed: list[str]) -> Iterator[tuple[Decimal, str, list[str]]]:
    """Amount and kind of each item of a line, and the lines that say what it was made of."""
    item: tuple[Decimal, str, list[str]] | None = None
    for text in printed[1:]:
        if match := re.match(rf"  ({_NUMBER})  (\w+) item \w+$", text):
            if item:
                yield item
            item = Decimal(match[1]), match[2], []
        elif text.startswith("    "):
            item[2].append(text.strip())
    yield item


def _result(arithmetic: str) -> Fraction:
    """What a printed `65 s * 0.06 / 60 + 0.05 setup` comes to."""
    value = Fraction(0)
    for sign, number in re.findall(rf"(^|[*/+]) ?({_NUMBER})", arithmetic):
        other = Fraction(number)
        value = {"": other, "*": value * other, "/": value / other if other else value, "+": value + other}[sign]
    return value


def _rounded(value: Fraction) -> Decimal:
    return (Decimal(value.numerator) / value.denominator).quantize(Decimal("1e-10"), ROUND_HALF_UP)


def _line_of_file(billed: Path, text: str) -> str:
    name, number = _PLACE.search(text).groups()
    return (billed / "inputs" / name).read_text().splitlines()[int(number) - 1]


def test_every_line_adds_up_and_its_arithmetic_is_right(explain, billed):
    kinds = set()
    amounts = _amounts(explain(), r"^ +\d+ +{} EUR  ")
    for number, amount in enumerate(amounts, start=1):
        printed = explain("--line", str(number))
        items = list(_items(printed))
        assert sum(item_amount for item_amount, _, _ in items) == amount
        assert _amounts(printed, "^  {}  sum of the items") == [amount]
        for item_amount, kind, made_of in items:
            kinds.add(kind)
            {"usage": _usage, "bundle": _bundle, "fee": _fee, "discount": _discount, "rounding": _rounding}[kind](
                billed, item_amount, made_of
            )
    assert kinds == {"usage", "bundle", "fee", "discount", "rounding"}


def _usage(billed: Path, amount: Decimal, made_of: list[str]) -> None:
    assert sum(_amounts(made_of, "^{}  ")) == amount
    for event in made_of:
        charged, _, rest = event.partition("  ")
        when, _, words = rest.partition(": ")
        arithmetic = words.partition(" (rate")[0]
        quantity = arithmetic.partition(" s")[0]
        # what is charged takes the place of what was used
        assert _rounded(_result(arithmetic.partition("charged as ")[2] or arithmetic)) == Decimal(charged)
        fields = _line_of_file(billed, event).split(",")
        assert (fields[2], fields[3]) == (when, quantity)


def _bundle(billed: Path, amount: Decimal, made_of: list[str]) -> None:
    assert sum(_amounts(made_of, "^{}  ")) == amount
    assert [re.search(r"covers (.*);", event)[1] for event in made_of] in (
        ["65 of 65 s, 0 used before"], ["35 of 50 s, 65 used before"],
    )  # fmt: skip
    assert all(_line_of_file(billed, event).split(",")[1] == "33611" for event in made_of)


def _fee(billed: Path, amount: Decimal, made_of: list[str]) -> None:
    (text,) = made_of
    assert _rounded(_result(text.partition(" (price of the order line)")[0])) == amount
    assert "MOBILE" in _line_of_file(billed, text)


def _discount(billed: Path, amount: Decimal, made_of: list[str]) -> None:
    text, given = made_of
    percent, base = re.match(rf"({_NUMBER}) % of ({_NUMBER}), ", text).groups()
    assert _rounded(Fraction(percent) * Fraction(base) / 100) == -amount
    assert _line_of_file(billed, given).startswith("D1,TEN,SUB-1")


def _rounding(billed: Path, amount: Decimal, made_of: list[str]) -> None:
    assert abs(amount) < Decimal("0.01")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["explain", "2026-01-BEN-EUR"],
         "there is no invoice 2026-01-BEN-EUR, nor an order, asset, contract, opportunity or subscription"),
        (["explain", INVOICE, "--line", "9"], f"invoice {INVOICE} has no line 9"),
        (["run", "--inputs", "{inputs}", "--from", "2026-02", "--to", "2026-01"],
         "--to 2026-01 is before --from 2026-02"),
        (["run", "--inputs", "{inputs}", "--from", "2025-12"],
         "billing.toml: first_month is 2026-01; 2025-12 is before it"),
    ],
)  # fmt: skip
def test_an_error_is_one_sentence(billed, capsys, arguments, sentence):
    given = [argument.format(inputs=billed / "inputs") for argument in arguments]
    assert cli.main([*given, "--lake", str(billed / "lake")]) == 1
    assert capsys.readouterr().err == f"billing: {sentence}\n"


def test_a_broken_configuration_is_one_sentence(company, tmp_path, capsys):
    company.change("rates", 1, unit_price="cheap")
    assert cli.main(["run", "--inputs", str(company.root), "--lake", str(tmp_path / "lake"), "--from", "2026-01"]) == 1
    sentence = "billing: rates.csv, line 3: unit_price 'cheap' is no number with up to 6 digits before and 12 after"
    assert capsys.readouterr().err.startswith(sentence)


def test_the_company_of_the_environment_is_not_read_by_the_command(tmp_path):
    """`make` sets BILLING_INPUTS for the UI: broken settings there are no traceback here."""
    (tmp_path / "billing.toml").write_text("first_month = ")
    arguments = ["run", "--inputs", tmp_path, "--lake", tmp_path / "lake", "--from", "2026-01"]
    environment = os.environ | {"BILLING_INPUTS": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-m", "jobs.cli", *arguments], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert done.stderr.startswith(f"billing: {tmp_path}/billing.toml: Invalid value")
    assert done.stderr.count("\n") == 1


def test_an_instance_that_is_not_there_is_one_sentence(billed, capsys, monkeypatch):
    monkeypatch.setenv("DAGSTER_HOME", "/nowhere")
    arguments = ["--inputs", str(billed / "inputs"), "--lake", str(billed / "lake"), "--from", "2026-01"]
    assert cli.main(["run", *arguments]) == 1
    assert capsys.readouterr().err == "billing: DAGSTER_HOME /nowhere is no folder\n"


def test_an_unknown_billing_cycle_is_one_sentence(billed, capsys):
    arguments = ["--inputs", str(billed / "inputs"), "--lake", str(billed / "lake"), "--from", "2026-01"]
    assert cli.main(["run", *arguments, "--cycle", "weekly"]) == 1
    assert capsys.readouterr().err == "billing: there is no billing cycle 'weekly'; there are first\n"


@pytest.mark.parametrize("month", ["2026", "2026-1", "2026-13", "January"])
def test_a_month_is_written_in_one_way(month, capsys):
    with pytest.raises(SystemExit):
        cli.main(["run", "--inputs", "i", "--lake", "l", "--from", month])
    assert f"'{month}' is no month YYYY-MM" in capsys.readouterr().err
