"""The report holds verdicts, and nothing by which a subscription, an account or a key is known."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest

from leads.errors import LeadsError
from scripts._console import Console
from scripts._throwaway import ThrowAway, Wanted
from scripts._verifying import Options, Verification
from verify.probing import Result, probe, probe_all
from verify.report import Report, hide, summarized
from verify.site import Deployed, Site
from verify.statement import Need, Observation, Statement, Verdict

DEPLOYED = Deployed(
    subscription="11111111-2222-3333-4444-555555555555",
    group="marketplace-leads-verify",
    location="westeurope",
    account="leadsverify1a2b3c4d",
    table="MarketplaceLeads",
    connection_string="DefaultEndpointsProtocol=https;AccountName=leadsverify1a2b3c4d;AccountKey=c2VjcmV0a2V5==;X=1",
    tables_connection="",
    mail_connection="",
    workflow="lead-notifier",
)


def statement(id_: str, seen: Any, *needs: Need, holds: bool | None = True) -> Statement:
    def look(_site: Site) -> Observation:
        if isinstance(seen, Exception):
            raise seen
        return Observation(holds, {"seen": seen})

    return Statement(id_, "Topic", "It is so.", "it is not so", (), look, needs)


def nowhere() -> Any:
    """These probes look at no place."""
    return None


def test_names_and_keys_are_replaced_wherever_they_stand() -> None:
    said = (
        f"/subscriptions/{DEPLOYED.subscription.upper()}/resourceGroups/MARKETPLACE-LEADS-VERIFY/x/leadsverify1a2b3c4d"
    )
    report = Report("azure", "westeurope", "marketplace-leads 1", datetime.now(UTC))
    report.results.append(probe(nowhere(), statement("a", {said: [said, {"key": "c2VjcmV0a2V5=="}]})))
    text = json.dumps(report.as_json(DEPLOYED))
    for name in (DEPLOYED.subscription, DEPLOYED.group, DEPLOYED.account, "c2VjcmV0a2V5"):
        assert name.lower() not in text.lower()
    assert "/subscriptions/<subscription>/resourceGroups/<group>/x/<account>" in text


def test_a_name_that_its_own_replacement_holds_ends() -> None:
    assert hide("a-key-b-KEY", {"key": "<key>"}) == "a-<key>-b-<key>"


def test_an_interrupted_report_tells_what_there_was(tmp_path: Path) -> None:
    report = Report("azure", "westeurope", "marketplace-leads 1", datetime.now(UTC))
    report.results.append(probe(nowhere(), statement("b", 1)))
    report.write(tmp_path / "report.json", None)
    told = json.loads((tmp_path / "report.json").read_text())
    assert (told["ended"], told["removed"], told["summary"]) == ("interrupted", False, {"confirmed": 1})
    assert [file.name for file in tmp_path.iterdir()] == ["report.json"]


class Refusing:
    """A throw-away stack that cannot be deployed."""

    wanted = Wanted("verify", "westeurope", ["you@example.com"])

    def deploy(self) -> dict[str, Any]:
        raise LeadsError("no such region")

    def remove(self, _patience: Any) -> bool:
        return True


def test_a_report_whose_folder_has_gone_meanwhile_is_not_lost(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = Options(True, [], tmp_path / "gone" / "report.json", "", consent=False)
    assert not Verification(cast(ThrowAway, Refusing()), options, {}, Console()).run()
    told = capsys.readouterr()
    assert "report.json cannot be written: No such file or directory; keep what follows" in told.err
    report = json.loads(told.out[told.out.index("{") : told.out.rindex("}") + 1])
    assert (report["ended"], report["removed"]) == ("no such region", True)


@pytest.mark.parametrize(
    ("seen", "holds", "verdict"),
    [
        (1, True, Verdict.CONFIRMED),
        (1, False, Verdict.REFUTED),
        (1, None, Verdict.OPEN),
        (LeadsError("no answer"), True, Verdict.FAILED),
        (RuntimeError("anna@contoso.com"), True, Verdict.FAILED),
    ],
)
def test_a_probe_ends_in_a_verdict(seen: Any, holds: bool | None, verdict: Verdict) -> None:
    result = probe(nowhere(), statement("c", seen, holds=holds))
    assert result.verdict is verdict
    assert "anna" not in result.why


def test_what_may_end_the_consent_comes_last() -> None:
    told: list[Result] = []
    chosen = [statement("d", 1, Need.CONSENT), statement("e", 1), statement("f", 1, Need.CONSENT), statement("g", 1)]
    probe_all(nowhere(), chosen, told.append, 2, threading.Event())
    assert [result.statement.id for result in told][2:] == ["d", "f"]
    assert summarized(told) == "4 confirmed"


def test_after_a_stop_no_probe_begins() -> None:
    told: list[Result] = []
    stop = threading.Event()
    stop.set()
    probe_all(nowhere(), [statement("h", 1), statement("i", 1, Need.CONSENT)], told.append, 2, stop)
    assert told == []
