"""Every probe runs against the local cloud: what we believe is what it does, except where it is known to differ."""

from __future__ import annotations

import asyncio
import random
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from probe_site import make_site

from leads.samples import Kind, sample_rows
from localazure.cloud import Settings
from localazure.connectors.faults import Fault
from localazure.testing import MockAzure
from verify import shapes
from verify.patience import Patience
from verify.probing import Result, probe, probe_all
from verify.site import Site
from verify.statement import Need, Verdict
from verify.statements import STATEMENTS
from verify.tables import judge_empty_page

pytestmark = pytest.mark.cloud

# Azurite accepts, or words, what we expect the table service of Azure to refuse.
AZURITE = {
    "bad-date-is-refused",
    "text-is-no-date",
    "at-most-1000-rows",
    "table-being-deleted",
    "wrong-key-code",
    "bad-table-name-code",
}
# What the local cloud does not do unless told to: an empty page, a missing consent, a description of an API.
OPEN = {
    "empty-page-is-followed",
    "unauthenticated-status",
    "consent-link-to-this-machine",
    "v2-operation-ids",
}
WITHOUT_ENGINE = {"no-drift-after-deploy", "second-up-changes-nothing"}
"""Their probes run in test_verify_azure_kit.py."""


def run(site: Site, *ids: str) -> dict[str, Result]:
    found: list[Result] = []
    probe_all(site, [STATEMENTS[id_] for id_ in ids], found.append, 4, threading.Event())
    return {result.statement.id: result for result in found}


def test_what_we_believe_is_what_the_local_cloud_does(site: Site) -> None:
    quick = [one.id for one in STATEMENTS.values() if not {Need.MINUTES, Need.LEADS} & set(one.needs)]
    results = run(site, *(id_ for id_ in quick if id_ not in WITHOUT_ENGINE))
    assert {id_: result.why for id_, result in results.items() if result.verdict is Verdict.FAILED} == {}
    assert {id_ for id_, result in results.items() if result.verdict is Verdict.REFUTED} == AZURITE
    assert {id_ for id_, result in results.items() if result.verdict is Verdict.OPEN} == OPEN
    assert len(results) > 40


def test_the_expected_shapes_are_exactly_those_of_the_local_cloud(site: Site) -> None:
    """Renew the file with tests/scripts/verify_azure/renew_shapes.py after a change of an answer."""
    assert {id_: shapes.shape_of(ask(site)) for id_, (_, ask, _) in shapes.ASKED.items()} == shapes.expected()


def test_a_shape_that_lacks_something_is_told() -> None:
    observation = shapes.compare({"id": "text", "tags": "free"}, {"id": "number", "more": "text"})
    assert observation.holds is False
    assert observation.seen == {"missing": {"id": "text", "tags": "free"}, "more": {"more": "text"}}
    assert shapes.compare({"id": "text"}, {"id": "text", "more": "text"}).holds is True


@pytest.mark.parametrize(
    ("pages", "seen", "holds"),
    [([0, 1], 1, True), ([1000, 0, 50], 1000, False), ([0, 1], 0, False), ([1], 1, None), ([1, 0], 1, None)],
)
def test_an_empty_page_is_judged_only_where_there_was_one(pages: list[int], seen: int, holds: bool | None) -> None:
    assert judge_empty_page(pages, seen).holds is holds


def test_a_cloud_that_drops_the_consent_is_found_out(
    make_localazure: Callable[..., Any], azure_guard: None, make_patience: Callable[..., Patience]
) -> None:
    cloud = make_localazure(settings=Settings(provider=False, put_drops_consent=True))
    with MockAzure(cloud) as azure:
        place = make_site(azure, azure.create_group(), make_patience())
        found = run(place, "put-keeps-consent")["put-keeps-consent"]
        assert (found.verdict, found.seen["after"]) == (Verdict.REFUTED, "Error")
        again = run(place, "put-keeps-consent", "flow-mails-a-lead")
        assert {result.verdict for result in again.values()} == {Verdict.OPEN}
        assert "nobody has given the connection its consent" in again["flow-mails-a-lead"].why


def test_a_connection_without_consent_is_seen(
    make_localazure: Callable[..., Any], azure_guard: None, make_patience: Callable[..., Patience]
) -> None:
    cloud = make_localazure(settings=Settings(provider=False, auto_consent=False))
    with MockAzure(cloud) as azure:
        place = make_site(azure, azure.create_group(), make_patience())
        results = run(place, "unauthenticated-status", "put-keeps-consent")
    assert results["unauthenticated-status"].verdict is Verdict.CONFIRMED
    assert results["put-keeps-consent"].verdict is Verdict.OPEN


def test_a_connector_that_follows_no_pages_is_found_out(site: Site, mock_azure: MockAzure) -> None:
    """An answer that is cut: the second page is refused."""
    host = mock_azure.cloud.cloud.parts.connectors
    host.faults.add(Fault(api="azuretables", path="/entities", after=1, status=500, times=1))
    found = run(site, "get-entities-follows-pages")["get-entities-follows-pages"]
    assert found.verdict is not Verdict.CONFIRMED


class LateClock:
    """The machine's clock, put forward by the test: nobody waits for the minutes of Azure Monitor."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    async def sleep_until(self, when: datetime) -> None:
        while self.now() < when:  # noqa: ASYNC110 - time, not an event
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("id_", ["missing-data-fires", "failed-run-fires"])
def test_alerts_fire_after_their_minutes(make_localazure: Callable[..., Any], azure_guard: None, id_: str) -> None:
    clock = LateClock()
    cloud = make_localazure(settings=Settings(provider=False), clock=clock)

    def wait(seconds: float) -> None:
        clock.ahead += timedelta(seconds=seconds)
        cloud.call(cloud.cloud.parts.alerts.evaluate)

    with MockAzure(cloud) as azure:
        begun = datetime.now(UTC)
        patience = Patience(lambda: (clock.now() - begun).total_seconds(), wait, pause=30)
        found = probe(make_site(azure, azure.create_group(), patience), STATEMENTS[id_])
    assert (found.verdict, found.seen["statuses"]) == (Verdict.CONFIRMED, ["Healthy", "Unhealthy"])


def test_the_form_of_leads_is_told_and_nothing_of_what_they_say(site: Site) -> None:
    rows = sample_rows(Kind.CONTACT, 20, datetime.now(UTC), random.Random(1))
    stamped = [{**row, "Timestamp": datetime.now(UTC).isoformat()} for row in rows]
    site.lead_rows = lambda: list(stamped)
    results = run(site, *(one.id for one in STATEMENTS.values() if Need.LEADS in one.needs))
    assert {result.verdict for result in results.values()} == {Verdict.CONFIRMED}
    told = repr([result.seen for result in results.values()])
    said = {value for row in rows for name, value in row.items() if name != "PartitionKey"}
    assert [text for text in said if len(text) > 3 and text in told] == []


def test_a_probe_that_breaks_does_not_quote_what_it_worked_on(site: Site) -> None:
    def broken() -> Any:
        raise ValueError("anna@contoso.com")

    site.lead_rows = broken
    found = run(site, "lead-columns")["lead-columns"]
    assert (found.verdict, found.why) == (Verdict.FAILED, "the probe broke: ValueError")
