"""`localazure check`: outcomes, exit codes, the text for people and the JSON for machines."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from localazure.check import ACCEPTED, REFUSED, UNREADABLE, check_files

FOLDER = Path(__file__).parents[1] / "definitions"
GOOD, WARNED, BAD = (str(FOLDER / f"{name}.json") for name in ("empty", "hourly-rows-by-mail", "moved-action"))


def _run(*files: str, as_json: bool = False, strict: bool = False) -> tuple[int, str]:
    lines: list[str] = []
    code = check_files(files, as_json=as_json, strict=strict, write=lines.append)
    return code, "\n".join(lines)


def test_a_good_file_is_accepted() -> None:
    assert _run(GOOD) == (ACCEPTED, "0 errors, 0 warnings in 1 file")


def test_a_refusal_says_place_reason_and_cure() -> None:
    code, text = _run(BAD)
    head, *rest = text.splitlines()
    assert code == REFUSED
    assert head.startswith(
        f"{BAD}:27: error: The 'runAfter' property of template action 'Next' at line '1' and column '"
    )
    assert head.endswith("contains non-existent action: 'Inner'. [run-after-unknown]")
    assert rest == [
        "    at   $.actions.Next.runAfter",
        "    why  Logic Apps refuses the workflow on save (InvalidTemplate).",
        "    cure Name an action of the same level, or remove it from runAfter.",
        "1 error, 0 warnings in 1 file",
    ]


def test_warnings_pass_unless_strict() -> None:
    assert _run(WARNED)[0] == ACCEPTED
    assert _run(WARNED, strict=True)[0] == REFUSED
    assert "1 warning in 1 file" in _run(WARNED)[1]


def test_json_has_every_file_with_its_verdict_and_findings() -> None:
    code, text = _run(GOOD, BAD, as_json=True)
    files = json.loads(text)["files"]
    assert code == REFUSED
    assert [(entry["file"], entry["accepted"]) for entry in files] == [(GOOD, True), (BAD, False)]
    assert files[0]["findings"] == []
    assert files[1]["findings"][0]["rule"] == "run-after-unknown"
    assert files[1]["findings"][0]["line"] == 27


def test_a_file_that_is_not_there_or_no_json_is_told_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "broken.json").write_text('{\n  "a": }', encoding="utf-8")
    (tmp_path / "latin.json").write_bytes(b'{"a": "\xe4"}')
    missing, broken, latin = (str(tmp_path / f"{name}.json") for name in ("missing", "broken", "latin"))
    code, text = _run(missing, broken, latin, GOOD)
    no_json = "line 2, column 8: it is no JSON: Expecting value. Correct it there, or give a JSON file."
    assert code == UNREADABLE
    assert text.splitlines() == [
        f"{missing}: cannot be read: No such file or directory. Name a readable file in UTF-8.",
        f"{broken}: cannot be read: {no_json}",
        f"{latin}: cannot be read: it is not UTF-8. Name a readable file in UTF-8.",
        "0 errors, 0 warnings in 4 files",
    ]
    assert json.loads(_run(broken, as_json=True)[1])["files"][0] == {
        "file": broken,
        "accepted": False,
        "problem": no_json,
    }


def test_a_minus_is_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(Path(BAD).read_text(encoding="utf-8")))
    code, text = _run("-")
    assert (code, text.split(":")[0]) == (REFUSED, "-")


def test_a_byte_order_mark_and_comments_are_read(tmp_path: Path) -> None:
    file = tmp_path / "flow.json"
    file.write_text("\ufeff// exported\n" + Path(GOOD).read_text(encoding="utf-8"), encoding="utf-8")
    assert _run(str(file))[0] == ACCEPTED
