"""What the scripts say, on terminals of every width, whatever the texts hold."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from fcntl import ioctl
from pathlib import Path
from struct import pack
from termios import TIOCSWINSZ

import pytest

from scripts._console import Console

ROOT = Path(__file__).resolve().parents[2]
RUN = "08584060721456856777718528813CU60"
HEADINGS = ["Started (UTC)", "Status", "Offer", "Run"]
ROWS = [["2026-11-24 15:38:59", "Succeeded", "Contoso Lead Demo", RUN], ["2026-11-24 15:38:59", "Failed", "", RUN]]


def on_terminal(columns: int) -> list[str]:
    """The lines of the table on a terminal, without its colours."""
    program = f"from scripts._console import Console; Console().table({json.dumps(HEADINGS)}, {json.dumps(ROWS)})"
    ours, theirs = pty.openpty()
    ioctl(ours, TIOCSWINSZ, pack("HHHH", 40, columns, 0, 0))
    environ = {**os.environ, "TERM": "xterm"}
    environ.pop("COLUMNS", None)
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=environ, stdout=theirs, check=True)
    os.close(theirs)
    said = b""
    try:
        while part := os.read(ours, 65536):
            said += part
    except OSError:  # Linux: nobody writes any more
        pass
    os.close(ours)
    return [line.rstrip() for line in re.sub("\x1b\\[[0-9;]*m", "", said.decode()).splitlines()]


def test_a_table_that_fits_is_one_line_a_row() -> None:
    assert on_terminal(120)[1].split() == ["2026-11-24", "15:38:59", "Succeeded", "Contoso", "Lead", "Demo", RUN]
    assert len(on_terminal(120)) == 3


def test_a_narrower_one_is_folded_between_words() -> None:
    lines = on_terminal(80)
    assert [line.split()[2:] for line in (lines[1], lines[3])] == [
        ["Succeeded", "Contoso", "Lead", RUN],
        ["Failed", RUN],
    ]
    assert lines[2].split() == ["Demo"]
    assert max(map(len, lines)) <= 80


def test_where_a_word_would_break_rows_are_shown_cell_by_cell() -> None:
    assert on_terminal(60) == [
        "Started (UTC)  2026-11-24 15:38:59",
        "Status         Succeeded",
        "Offer          Contoso Lead Demo",
        f"Run            {RUN}",
        "",
        "Started (UTC)  2026-11-24 15:38:59",
        "Status         Failed",
        f"Run            {RUN}",
    ]


@pytest.mark.parametrize("say", ["step", "note", "warn", "fault", "error"])
def test_no_text_steers_the_terminal(say: str, capsys: pytest.CaptureFixture[str]) -> None:
    getattr(Console(), say)("a lead of \x1b[2J\x07Evil\u202e")
    told = "".join(capsys.readouterr())
    assert "a lead of \ufffd[2J\ufffdEvil\ufffd" in told
