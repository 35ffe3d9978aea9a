"""CSV, TSV and Parquet: dialects, encodings, columns, bad rows."""

from __future__ import annotations

import io
import subprocess
import sys
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest

from corpus.article import Article
from corpus.errors import SourceError
from corpus.readers import ReadOptions, ReadReport, read


def csv(folder: Path, content: str | bytes, name: str = "a.csv") -> Path:
    file = folder / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return file


def parquet(folder: Path, **columns: Any) -> Path:
    file = folder / "a.parquet"
    pyarrow.parquet.write_table(pyarrow.table(columns), file)
    return file


def one(source: Path, **columns: str) -> Article:
    (article,) = read(source, options=ReadOptions(columns=columns))
    return article


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(tmp_path: Path, delimiter: str) -> None:
    quoted = '"a, b; c | d\te"'
    article = one(csv(tmp_path, f"id{delimiter}text{delimiter}more\n1{delimiter}{quoted}{delimiter}x\n"))
    assert (article.id, article.text, article.metadata) == ("1", "a, b; c | d\te", {"more": "x"})


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    article = one(csv(tmp_path, 'Title,Text\nÉté,"Il fait chaud,\nà Paris: 谁"\n'.encode(encoding)))
    assert (article.title, article.text) == ("Été", "Il fait chaud,\nà Paris: 谁")


def test_quotes_line_breaks_and_nul(tmp_path: Path) -> None:
    first, second = read(csv(tmp_path, b'id,text\r\n1,"He said ""no"".\r\n\r\nThen\x00 left."\r\n\r\n2,5" disks\r\n'))
    assert first.text == 'He said "no".\n\nThen  left.'
    assert second.text == '5" disks'


def test_a_field_of_five_megabytes(tmp_path: Path) -> None:
    text = "Words and words.\n" * (5_000_000 // 17)
    assert one(csv(tmp_path, f'id,text\n1,"{text}"\n')).text == text.strip()


def test_bad_rows_are_named_by_their_first_line(tmp_path: Path) -> None:
    rows = (
        b'1,"two\nlines",',
        b"2,short",
        b"3,a,2023-01-01,more",
        b"4,caf\xe9,",
        b'5,"a"b,',
        b"6,,",
        b"7,x,soon",
        b"8,x,",
    )
    file = csv(tmp_path, b"\n".join((b"id,text,published", *rows)))
    report = ReadReport()
    assert [article.id for article in read(file, on_error="skip", report=report)] == ["1", "8"]
    assert report.by_kind == {"ragged-row": 2, "encoding": 1, "csv": 1, "no-text": 1, "date": 1}
    assert [message.split(": ")[0] for message in report.first] == [f"{file}:{line}" for line in (4, 5, 6, 7, 8, 9)]
    assert "the row has 2 cells, the first row 3" in report.first[0]


def test_a_quote_that_nothing_closes(tmp_path: Path) -> None:
    report = ReadReport()
    content = 'id,text\n1,fine\n2,"never closed\n3,fine\n'
    assert [article.id for article in read(csv(tmp_path, content), on_error="skip", report=report)] == ["1"]
    assert report.by_kind == {"csv": 1}


def test_columns_are_asked_for_where_none_is_known(tmp_path: Path) -> None:
    for source in (csv(tmp_path, "headline,body\na,b\n"), parquet(tmp_path, headline=["a"], body=["b"])):
        with pytest.raises(SourceError) as caught:
            list(read(source))
        assert caught.value.kind == "columns"
        assert "its columns: 'headline', 'body'" in str(caught.value)
        assert "--column text=NAME" in str(caught.value)
        article = one(source, text="body", title="headline")
        assert (article.title, article.text, article.metadata) == ("a", "b", {})


def test_a_chosen_column_that_is_not_there_is_warned_of(tmp_path: Path) -> None:
    report = ReadReport()
    (article,) = read(
        csv(tmp_path, "text\nb\n"), options=ReadOptions(columns={"title": "headlin", "text": "body"}), report=report
    )
    assert article.title == ""
    assert report.warnings == {"missing-column": 1}
    assert "no column 'headlin' for the title" in report.first_warnings[0]


def test_two_columns_of_one_name(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="two columns 'text'"):
        list(read(csv(tmp_path, "text,Text\na,b\n")))


def test_an_empty_table_and_one_of_names_alone(tmp_path: Path) -> None:
    assert list(read(csv(tmp_path, ""))) == []
    assert list(read(csv(tmp_path, "id,text\n"))) == []
    assert list(read(parquet(tmp_path, text=pyarrow.array([], pyarrow.string())))) == []


def test_types_of_parquet(tmp_path: Path) -> None:
    article = one(
        parquet(
            tmp_path,
            id=[7],
            text=pyarrow.array([b"Caf\xc3\xa9."]),
            title=pyarrow.array(["Titre"]).dictionary_encode(),
            published=[datetime(2023, 4, 20, 10, 30)],
            day=[date(2023, 4, 21)],
            tags=[["a", "b"]],
            share=[float("nan")],
            views=[12],
            blob=[b"\xff"],
            price=[Decimal("1.50")],
            embedding=[[0.5, 0.25]],
        )
    )
    assert (article.id, article.text, article.title, article.published) == (
        "7",
        "Café.",
        "Titre",
        "2023-04-20T10:30:00Z",
    )
    assert article.metadata == {"day": "2023-04-21", "tags": ["a", "b"], "share": None, "views": 12, "blob": None}


def test_days_and_zones_of_parquet(tmp_path: Path) -> None:
    days = parquet(tmp_path, text=["x"], published=[date(2023, 4, 20)])
    assert one(days).published == "2023-04-20"
    moments = pyarrow.array([datetime(2023, 4, 20, 10)], pyarrow.timestamp("ns", "Europe/Paris"))
    assert one(parquet(tmp_path, text=["x"], published=moments)).published == "2023-04-20T10:00:00Z"


def test_bad_rows_of_parquet(tmp_path: Path) -> None:
    report = ReadReport()
    source = parquet(tmp_path, id=["1", "2", "3", "4"], text=[b"x", None, b"\xff", b"y"])
    assert [article.id for article in read(source, on_error="skip", report=report)] == ["1", "4"]
    assert report.by_kind == {"no-text": 1, "encoding": 1}
    assert f"{source}: row 2: " in report.first[0]


def test_many_rows_of_parquet_are_read_in_order(tmp_path: Path) -> None:
    stream = io.BytesIO()
    table = pyarrow.table({"id": list(range(1000)), "text": [f"Text {number}." for number in range(1000)]})
    pyarrow.parquet.write_table(table, stream, row_group_size=150)
    (tmp_path / "a.parquet").write_bytes(stream.getvalue())
    articles = list(read(tmp_path / "a.parquet"))
    assert [article.id for article in articles] == [str(number) for number in range(1000)]
    assert articles[-1].text == "Text 999."


def test_without_pyarrow_it_is_said_how_to_install_it(tmp_path: Path) -> None:
    source = parquet(tmp_path, text=["x"])
    code = (
        "import sys; sys.modules['pyarrow'] = None\n"
        "from corpus.readers import read\n"
        "try:\n    list(read(sys.argv[1]))\n"
        "except Exception as error:\n    print(error)"
    )
    run = subprocess.run([sys.executable, "-c", code, source], capture_output=True, text=True, check=True)
    assert 'pip install "veille[parquet]"' in run.stdout
