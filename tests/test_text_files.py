"""Text files as batches of rows, each with its line, and every way in which a file can be broken."""

import bz2
import gzip
import random
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from resources.text_files import BrokenLine, TextFormat, UnreadableFile, open_text_file


@pytest.fixture
def read(tmp_path: Path):
    """The good rows as (line, first column, …), and the broken lines as (line, reason)."""

    def run(content: bytes, name: str = "a.csv", wanted=lambda header: header, **text):
        path = tmp_path / name
        path.write_bytes(content)
        good, broken = [], []
        for part in open_text_file(path, TextFormat(**text), wanted).content:
            if isinstance(part, BrokenLine):
                broken.append((part.line, part.reason))
            else:
                good += zip(part.lines.to_pylist(), *(c.to_pylist() for c in part.columns.values()), strict=True)
        return good, broken

    return run


def test_rows_know_their_line(read):
    assert read(b"a,b\n1,2\n3,4\n") == ([(2, "1", "2"), (3, "3", "4")], [])


def test_only_the_wanted_columns_are_read(read):
    assert read(b"a,b,c\n1,2,3\n", wanted=lambda header: ["c", "a"]) == ([(2, "3", "1")], [])


def test_what_asking_for_columns_raises_is_passed_on(read):
    def refuse(header):
        raise KeyError(header[0])

    with pytest.raises(KeyError, match="a"):
        read(b"a,b\n1,2\n", wanted=refuse)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"a,b\r\n1,2\r\n", {}),
        (b"\xef\xbb\xbfa,b\n1,2\n", {}),
        (b"a;b\n1;2\n", {"delimiter": ";"}),
        (b'"a","b"\n"1","2"\n', {}),
        (b" a , b \n1,2\n", {}),
        (b"a,b\n1,2", {}),
    ],
    ids=["windows line ends", "byte order mark", "semicolons", "quotes", "blanks in the header", "no final newline"],
)
def test_ways_to_write_the_same_file(read, content, text):
    assert read(content, wanted=lambda header: ["a", "b"], **text) == ([(2, "1", "2")], [])


@pytest.mark.parametrize(
    ("ending", "compress"),
    [
        (".gz", gzip.compress),
        (".bz2", bz2.compress),
        (".zst", lambda content: pa.compress(content, codec="zstd", asbytes=True)),
    ],
)
def test_compressed_files(read, ending, compress):
    assert read(compress(b"a,b\n1,2\n"), f"a.csv{ending}") == ([(2, "1", "2")], [])


def test_quotes_hold_delimiters_and_quotes(read):
    assert read(b'a,b\n"1,5","say ""x"""\n') == ([(2, "1,5", 'say "x"')], [])


def test_null_values(read):
    content = b'a,b\nNULL,x\n,"NULL"\n'
    assert read(content, null_values=("", "NULL")) == ([(2, None, "x"), (3, None, None)], [])
    assert read(content)[0] == [(2, "NULL", "x"), (3, None, "NULL")]


def test_other_encodings(read):
    assert read("a,b\né,€\n".encode("cp1252"), encoding="cp1252") == ([(2, "é", "€")], [])


def test_a_file_of_many_blocks_keeps_its_line_numbers(read, monkeypatch):
    """Lines 2 to 2001, the hundredth line broken, read in blocks of 1 KB."""
    monkeypatch.setattr("resources.text_files.BLOCK_BYTES", 1 << 10)
    lines = [f"{line},x" if line != 100 else "100" for line in range(2, 2002)]
    good, broken = read(("a,b\n" + "\n".join(lines) + "\n").encode())
    assert broken == [(100, "MALFORMED_LINE")]
    assert [int(a) for _, a, _ in good] == [line for line, _, _ in good] == [n for n in range(2, 2002) if n != 100]


def test_lines_with_other_numbers_of_columns_are_left_out(read):
    good, broken = read(b"a,b\n1,2\n3\n4,5\n6,7,8\n9,10\n")
    assert good == [(2, "1", "2"), (4, "4", "5"), (6, "9", "10")]
    assert broken == [(3, "MALFORMED_LINE"), (5, "MALFORMED_LINE")]


def test_a_malformed_line_is_handed_over_as_it_stands(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"a,b\n6,7,8\n")
    (line,) = (p for p in open_text_file(path, TextFormat(), lambda h: h).content if isinstance(p, BrokenLine))
    assert line == BrokenLine(2, "MALFORMED_LINE", "3 columns instead of 2", "6,7,8")


def test_a_line_in_another_encoding_is_left_out(read):
    assert read(b"a,b\n\xe9,1\nx,2\n") == ([(3, "x", "2")], [(2, "WRONG_ENCODING")])


def test_a_line_without_its_end_is_not_believed(read):
    """Whether 3,4 was to be 3,45 nobody knows; only sources that always end their lines ask for this."""
    content = b"a,b\n1,2\n3,4"
    assert read(content, require_final_newline=True) == ([(2, "1", "2")], [(3, "INCOMPLETE_LINE")])
    assert read(content + b"\n", require_final_newline=True) == ([(2, "1", "2"), (3, "3", "4")], [])


@pytest.mark.parametrize("last", [b"3", b"\xe9,1"], ids=["too few columns", "wrong encoding"])
def test_the_line_before_a_broken_last_one_is_complete(read, last):
    good, broken = read(b"a,b\n1,2\n" + last, require_final_newline=True)
    assert good == [(2, "1", "2")]
    assert [line for line, _ in broken] == [3]


@pytest.mark.parametrize("content", [b"a,b\n", b"a,b"], ids=["with a newline", "without"])
def test_a_file_with_a_header_only_has_no_rows(read, content):
    assert read(content) == ([], [])


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.csv", b"", "EMPTY_FILE"),
        ("a.csv", b"\n1,2\n", "EMPTY_FILE"),
        ("a.csv", b"a,b,a\n1,2,3\n", "DUPLICATE_COLUMN"),
        ("a.csv", b"\xe9,b\n1,2\n", "WRONG_ENCODING"),
        ("a.csv", b"a,b\r1,2\r", "UNREADABLE_FILE"),
        ("a.csv.gz", b"a,b\n1,2\n", "UNREADABLE_FILE"),
        ("a.csv.gz", gzip.compress(b"a,b\n1,2\n", mtime=0)[:12], "UNREADABLE_FILE"),
        ("a.parquet", b"a,b\n1,2\n", "UNREADABLE_FILE"),
    ],
)
def test_files_without_a_usable_header(read, name, content, reason):
    with pytest.raises(UnreadableFile) as error:
        read(content, name)
    assert error.value.reason == reason
    assert str(error.value)


def noise(lines: int) -> bytes:
    """Lines that cannot be compressed to much less."""
    numbers = random.Random(1)
    return b"a,b\n" + b"".join(b"%d,%d\n" % (i, numbers.getrandbits(60)) for i in range(lines))


def test_a_file_that_breaks_off_in_its_first_block(read):
    content = gzip.compress(noise(10_000), 1)
    assert read(content[: len(content) // 2], "a.csv.gz") == ([], [(2, "UNREADABLE_FILE")])


def test_a_file_that_breaks_off_later_keeps_what_was_read(read, monkeypatch):
    """The lines before the break are all there, whenever they are read; what breaks off is named by its line."""
    monkeypatch.setattr("resources.text_files.BLOCK_BYTES", 1 << 14)
    content = gzip.compress(noise(10_000), 1)
    found = [read(content[: len(content) // 2], "a.csv.gz") for _ in range(3)]
    good, broken = found[0]
    assert found == [(good, broken)] * 3
    assert [(line, int(a)) for line, a, _ in good] == [(i + 2, i) for i in range(len(good))]
    assert 1_000 < len(good) < 10_000
    assert broken[-1][1] == "UNREADABLE_FILE"


def test_the_line_that_a_broken_stream_ends_in_is_not_believed(read, monkeypatch):
    """A first gzip member that is whole and ends within a line, and a second that is none."""
    monkeypatch.setattr("resources.text_files.BLOCK_BYTES", 16)
    content = gzip.compress(b"a,b\n1,2\n3,4\n5,67", mtime=0) + gzip.compress(b"8\n", mtime=0)[:12]
    good, broken = read(content, "a.csv.gz")
    assert good == [(2, "1", "2"), (3, "3", "4")]
    assert broken == [(4, "INCOMPLETE_LINE"), (5, "UNREADABLE_FILE")]


def test_a_file_with_damaged_bytes(read):
    content = bytearray(gzip.compress(noise(10_000), 1))
    content[len(content) // 2 :] = bytes(len(content) - len(content) // 2)
    assert read(bytes(content), "a.csv.gz")[1][-1][1] == "UNREADABLE_FILE"


def test_parquet_columns_become_text(read, tmp_path):
    """Rows are numbered from 1: a Parquet file has no header line."""
    path = tmp_path / "made.parquet"
    pq.write_table(pa.table({"a": [1, None], "b": ["x", "y"], "c": [0.5, 1.5]}), path)
    found = read(path.read_bytes(), "a.parquet", wanted=lambda header: ["a", "b"])
    assert found == ([(1, "1", "x"), (2, None, "y")], [])
