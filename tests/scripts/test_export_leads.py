"""export_leads.py on a deployed stack: what is in the table is shown, written, and nothing else is done with it."""

from __future__ import annotations

import csv
import io
import json
import stat
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from azure.data.tables import TableClient
from flow_commands import Answer, Commands

from leads.redaction import with_key
from leads.samples import Kind

if TYPE_CHECKING:
    from conftest import Deployed

pytestmark = [pytest.mark.engine, pytest.mark.cloud]


@pytest.fixture
def run(deployed: Deployed, monkeypatch: pytest.MonkeyPatch) -> Commands:
    return Commands(deployed, monkeypatch)


def export(run: Commands, *arguments: str, ok: bool = True) -> Answer:
    return run("export_leads", *arguments, ok=ok)


def since() -> str:
    return datetime.now(UTC).isoformat()


def test_as_a_person_types_it(deployed: Deployed, run: Commands) -> None:
    (key,) = run.insert(OfferDisplayName="Öffer of a person")
    told = deployed.run(sys.executable, "scripts/export_leads.py", "--offer", "öffer", "--format", "csv").stdout
    (row,) = csv.DictReader(io.StringIO(told.removeprefix("\ufeff")))
    assert (row["RowKey"], row["Offer"]) == (key, "Öffer of a person")


def test_the_newest_leads_are_shown_first(run: Commands) -> None:
    begin = since()
    first, second = run.insert(2, OfferDisplayName="Shown")
    lines = export(run, "--since", begin).out.splitlines()
    assert lines[0].split()[:3] == ["Received", "(UTC)", "Action"]
    assert lines[-1] == "2 leads."
    found = export(run, "--since", begin, "--json").json
    assert (found["found"], [lead["rowKey"] for lead in found["leads"]]) == (2, [second, first])
    told = export(run, "--since", begin, "--limit", "1").out
    assert "The newest 1 of 2 leads; --limit 0 shows all" in told
    assert "No such lead in table MarketplaceLeads." in export(run, "--since", begin, "--country", "Atlantis").out


def test_leads_are_chosen_by_what_they_say(run: Commands) -> None:
    begin = since()
    (test,) = run.insert(kind=Kind.TEST)
    (create,) = run.insert(kind=Kind.CREATE)
    (contact,) = run.insert(kind=Kind.CONTACT, CustomerInfo='{"Country":"Wonderland"}')

    def keys(*arguments: str) -> set[str]:
        found = export(run, "--since", begin, "--json", *arguments).json
        return {lead["rowKey"] for lead in found["leads"]}

    assert keys() == {test, create, contact}
    assert keys("--which", "test") == {test}
    assert keys("--which", "real") == {create, contact}
    assert keys("--action", "create") == {create}
    assert keys("--source", "AzurePortal") == {create}
    assert keys("--country", "wonderland") == {contact}
    assert keys("--until", begin) == set()


def test_files_are_whole_and_their_owners(run: Commands, tmp_path: Path) -> None:
    begin = since()
    (key,) = run.insert(CustomerInfo='{"LastName":"=1+1","FirstName":"Zoë"}')
    table, lines = tmp_path / "leads.csv", tmp_path / "leads.jsonl"
    assert f"✓ Wrote 1 lead to {table}" in export(run, "--since", begin, "-o", str(table)).out
    assert export(run, "--since", begin, "-o", str(lines), "--json").json == {
        "stack": "local",
        "written": 1,
        "file": str(lines),
    }
    assert table.read_bytes().startswith(b"\xef\xbb\xbf")
    assert '"\'=1+1"' in table.read_text(encoding="utf-8")
    assert json.loads(lines.read_text())["contact"]["lastName"] == "=1+1"
    assert json.loads(lines.read_text())["rowKey"] == key
    assert {stat.S_IMODE(path.stat().st_mode) for path in (table, lines)} == {0o600}
    assert set(tmp_path.iterdir()) == {table, lines}
    assert "is there already; --force replaces it" in export(run, "-o", str(table), ok=False).error
    export(run, "--since", begin, "-o", str(table), "--force", "--separator", "semicolon")
    assert '"Received (UTC)";"Test"' in table.read_text(encoding="utf-8")


def test_a_lead_cannot_steer_the_terminal(run: Commands) -> None:
    begin = since()
    run.insert(OfferDisplayName="\x1b[2J\u202egnp[bold]x")
    told = export(run, "--since", begin).out
    assert "\x1b" not in told
    assert "\u202e" not in told
    assert "[2J\ufffdgnp[bold]x" in told


def test_every_page_of_a_long_table_is_read(run: Commands) -> None:
    """More rows than one answer of the service holds."""
    begin = since()
    stack = run.stack
    rows = [{"PartitionKey": "paged", "RowKey": f"r{number:04}"} for number in range(1205)]
    with TableClient.from_connection_string(stack.connection_string, stack.table) as client:
        for first in range(0, len(rows), 100):
            client.submit_transaction([("create", row) for row in rows[first : first + 100]])
        try:
            found = export(run, "--since", begin, "--format", "jsonl").out.splitlines()
        finally:
            for first in range(0, len(rows), 100):
                client.submit_transaction([("delete", row) for row in rows[first : first + 100]])
    assert [json.loads(line)["rowKey"] for line in found] == [row["RowKey"] for row in rows]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-o", "leads.xlsx"], "what is leads.xlsx to hold? Say --format csv or --format jsonl"),
        (["-o", "leads.csv", "--format", "table"], "a table is for the terminal"),
        (["--json", "--format", "csv"], "name a file with --output"),
        (["--since", "soon"], "--since: 'soon' is no moment"),
        (["--since", ""], "--since: '' is no moment"),
        (["--since", "1h", "--until", "2h"], "the period ends before it begins; give --since a time before --until"),
        (["-o", "/nowhere/leads.csv"], "/nowhere/leads.csv cannot be written: No such file or directory"),
        (["--stack", "dev"], "is meant for Azure, but this shell points to the local cloud"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line(run: Commands, arguments: list[str], message: str) -> None:
    assert message in export(run, *arguments, ok=False).error


def test_a_key_that_is_not_valid_any_more_is_told_and_leaves_no_file(run: Commands, tmp_path: Path) -> None:
    good = run.stack
    run.stack = type(good)(**{**vars(good), "connection_string": with_key(good.connection_string, "d3Jvbmc=")})
    error = export(run, "-o", str(tmp_path / "leads.csv"), ok=False).error
    assert "cannot read the rows in table MarketplaceLeads" in error
    assert "the account key is not valid any more" in error
    assert list(tmp_path.iterdir()) == []
