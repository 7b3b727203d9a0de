"""Files that are there whole or not at all."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from leads.files import whole


def test_writers_at_the_same_time_do_not_disturb_each_other(tmp_path: Path) -> None:
    file, contents = tmp_path / "Pulumi.yaml", [f"{number}\n" * 1000 for number in range(8)]

    def write(content: str) -> None:
        for _ in range(50):
            with whole(file) as out:
                out.write(content)
            assert file.read_text() in contents

    with ThreadPoolExecutor(len(contents)) as writers:
        list(writers.map(write, contents))
    assert file.read_text() in contents
    assert list(tmp_path.iterdir()) == [file]


def test_a_failure_leaves_the_former_content_and_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "leads.csv"
    file.write_text("before")

    with pytest.raises(RuntimeError), whole(file) as out:
        out.write("half of")
        raise RuntimeError

    assert file.read_text() == "before"
    assert list(tmp_path.iterdir()) == [file]


def test_the_file_is_its_owners_alone_and_has_the_text_as_given(tmp_path: Path) -> None:
    file = tmp_path / "leads.csv"

    with whole(file) as out:
        out.write("ä\r\nb\n\ud800")

    assert file.stat().st_mode & 0o777 == 0o600
    assert file.read_bytes() == "ä\r\nb\n\\ud800".encode()
