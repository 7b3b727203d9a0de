"""Whatever fails in a rotation, the flow has a key that works, and the message says what holds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError

from leads import rotation
from leads.environment import Deployed
from leads.errors import LeadsError
from leads.rotation import Rotation, RotationError
from leads.runs import Patience
from leads.table import LeadTableError

GROUP = "/subscriptions/s/resourceGroups/g/providers"
CONNECTION = f"{GROUP}/Microsoft.Web/connections/azuretables"
STRING = "DefaultEndpointsProtocol=https;AccountName=leads;AccountKey=two0;EndpointSuffix=core.windows.net"


class Azure:
    """An account with two keys, the connection of a flow, and runs: as far as a rotation meets them."""

    def __init__(self) -> None:
        self.keys = {"key1": "one0", "key2": "two0"}
        self.connection = "one0"
        self.identity = False
        self.running: list[timedelta] = []  # how long ago runs began that go on
        self.time = 0.0
        self.told: list[str] = []
        self.regenerate: Callable[[str], None] = self.make_anew
        self.unread: set[str] = set()  # keys that the table does not know

    def make_anew(self, name: str) -> None:
        self.keys[name] = f"{self.keys[name]}'"
        assert self.connection in self.keys.values(), "the flow's key was taken away"

    # -- what the clients answer -----------------------------------------------------------------------------------

    @property
    def clients(self) -> Any:
        storage = SimpleNamespace(
            list_keys=lambda *_: {"keys": [{"keyName": name, "value": key} for name, key in self.keys.items()]},
            regenerate_key=lambda group, account, body: self.regenerate(body["keyName"]),
        )
        resources = SimpleNamespace(get_by_id=self._get, begin_create_or_update_by_id=self._put)
        logic = SimpleNamespace(
            workflows=SimpleNamespace(get=self._workflow), workflow_runs=SimpleNamespace(list=self._runs)
        )
        return SimpleNamespace(
            deployed=Deployed("dev", "t", "leads", f"{GROUP}/Microsoft.Logic/workflows/w", STRING),
            storage=SimpleNamespace(storage_accounts=storage),
            resources=SimpleNamespace(resources=resources),
            logic=logic,
        )

    def _workflow(self, *_: str) -> Any:
        parameter = SimpleNamespace(value={"azuretables": {"connectionId": CONNECTION}})
        found: dict[str, Any] = {"state": "Enabled", "changed_time": None, "version": "", "definition": {}}
        return SimpleNamespace(parameters={"$connections": parameter}, **found)

    def _get(self, *_: str, api_version: str) -> Any:
        properties: dict[str, Any] = {"api": {"name": "azuretables", "id": "/api"}, "displayName": "Azure Tables"}
        if self.identity:
            properties["parameterValueSet"] = {"name": "managedIdentityAuth"}
        document = {"location": "westeurope", "tags": {"stack": "dev"}, "properties": properties}
        return SimpleNamespace(as_dict=lambda: document)

    def _put(self, identity: str, body: Any, api_version: str) -> Any:
        assert (identity, api_version, body["tags"]) == (CONNECTION, "2016-06-01", {"stack": "dev"})
        assert body["properties"]["parameterValues"]["storageaccount"] == "leads"
        self.connection = body["properties"]["parameterValues"]["sharedkey"]
        return SimpleNamespace(result=lambda: None)

    def _runs(self, *_: str, **query: Any) -> Any:
        for ago in self.running:
            yield SimpleNamespace(
                name="r1",
                status="Running",
                start_time=datetime.now(UTC) - ago,
                wait_end_time=None,
                end_time=None,
                trigger=None,
                code=None,
                error=None,
            )

    # -- the rotation ----------------------------------------------------------------------------------------------

    def sleep(self, seconds: float) -> None:
        self.time += seconds

    def read(self, key: str) -> None:
        if key not in self.keys.values() or key in self.unread:
            raise LeadTableError("the account key is not valid any more", refused=True)

    def rotation(self, settle: float = 0) -> Rotation:
        rotating = Rotation(self.clients, Patience(10, lambda: self.time, self.sleep), settle, self.told.append)
        rotating._read_with = self.read  # type: ignore[method-assign]  # no table here
        return rotating


@pytest.fixture
def azure() -> Azure:
    return Azure()


def test_of_two_rotations_at_once_the_flow_has_the_newest_key(azure: Azure) -> None:
    """The other one is done between our look whether the new key works and the writing of the connection."""
    rotating = azure.rotation()
    point = rotating._point

    def overtaken(found: Any, name: str, key: str) -> None:
        if name == "key1" and azure.keys["key1"] == "one0'":
            azure.keys["key1"] = "one0''"
        point(found, name, key)

    rotating._point = overtaken  # type: ignore[method-assign]
    rotating.rotate_key1()
    assert azure.connection == azure.keys["key1"] == "one0''"


def refused(work: Callable[[], object]) -> str:
    with pytest.raises(LeadsError) as error:
        work()
    return str(error.value)


def no(code: str, done: Callable[[], None] = lambda: None) -> Callable[[str], None]:
    """A regeneration that the service refuses with a code, or does without answering."""

    def regenerate(name: str) -> None:
        done()
        error = HttpResponseError()
        error.error = SimpleNamespace(code=code)  # type: ignore[assignment]
        raise error

    return regenerate


def test_key1_is_made_anew_while_the_flow_reads_with_key2(azure: Azure) -> None:
    seen: list[str] = []

    def regenerate(name: str) -> None:
        seen.append(azure.connection)
        azure.make_anew(name)

    azure.regenerate = regenerate
    assert azure.rotation(settle=7).rotate_key1() == ["azuretables"]
    assert seen == ["two0"]
    assert azure.keys == {"key1": "one0'", "key2": "two0"}
    assert azure.connection == "one0'"
    assert azure.time == 7
    assert azure.told == [
        "Connection azuretables reads the table with key2",
        "key1 of account leads is new",
        "Connection azuretables reads the table with key1",
    ]


def test_key1_is_made_anew_also_where_the_flow_has_an_identity(azure: Azure) -> None:
    azure.identity = True
    azure.connection = "two0"  # so that the account's keeper is content: nothing uses key1
    assert azure.rotation().rotate_key1() == []
    assert azure.keys["key1"] == "one0'"
    assert azure.connection == "two0"


def test_nothing_is_changed_if_key2_does_not_open_the_table(azure: Azure) -> None:
    azure.unread.add("two0")
    message = refused(azure.rotation().rotate_key1)
    assert message == "key2 does not open the table: the account key is not valid any more; nothing was changed"
    assert (azure.keys["key1"], azure.connection) == ("one0", "one0")


def test_a_run_that_goes_on_is_waited_for(azure: Azure) -> None:
    azure.running = [timedelta(seconds=30)]
    azure.sleep = lambda seconds: azure.running.clear()  # type: ignore[method-assign]
    azure.rotation().rotate_key1()
    assert azure.connection == "one0'"


def test_a_run_that_does_not_end_ends_the_rotation_with_key1_as_before(azure: Azure) -> None:
    azure.running = [timedelta(seconds=30)]
    message = refused(azure.rotation().rotate_key1)
    assert "run r1 has not ended; no key was changed, and the flow reads the table with key1 as before" in message
    assert (azure.keys["key1"], azure.connection) == ("one0", "one0")


def test_a_run_that_began_after_the_change_is_not_waited_for(azure: Azure) -> None:
    azure.running = [timedelta(seconds=-30)]
    azure.rotation().rotate_key1()
    assert azure.time == 0


def test_a_refused_regeneration_leaves_everything_as_before(azure: Azure) -> None:
    azure.regenerate = no("ScopeLocked")
    message = refused(azure.rotation().rotate_key1)
    assert "storage account leads: a lock on it" in message
    assert message.endswith("; no key was changed, and the flow reads the table with key1 as before")
    assert (azure.keys["key1"], azure.connection) == ("one0", "one0")


def test_a_regeneration_whose_answer_was_lost_is_taken_for_done(azure: Azure) -> None:
    azure.regenerate = no("GatewayTimeout", done=lambda: azure.make_anew("key1"))
    azure.rotation().rotate_key1()
    assert azure.connection == azure.keys["key1"] == "one0'"


def test_a_new_key_is_given_time_to_be_known(azure: Azure) -> None:
    azure.unread.add("one0'")

    def sleep(seconds: float) -> None:
        azure.time += seconds
        if azure.time > 5:
            azure.unread.clear()

    azure.sleep = sleep  # type: ignore[method-assign]
    azure.rotation().rotate_key1()
    assert azure.connection == "one0'"
    assert azure.time > 5


def test_a_new_key_that_stays_unknown_leaves_the_flow_on_key2_and_a_second_try_ends_it(azure: Azure) -> None:
    azure.unread.add("one0'")
    assert "key1 does not open the table" in refused(azure.rotation().rotate_key1)
    assert azure.connection == "two0"
    azure.unread.clear()
    azure.rotation().rotate_key1()
    assert azure.connection == azure.keys["key1"] == "one0''"


def test_key2_is_made_anew_and_the_flow_is_surely_not_on_it(azure: Azure) -> None:
    azure.connection = "two0"  # left there by an unfinished rotation
    assert azure.rotation().rotate_key2() == "two0'"
    assert azure.connection == "one0"
    assert azure.keys == {"key1": "one0", "key2": "two0'"}


def test_key2_stays_if_key1_does_not_open_the_table(azure: Azure) -> None:
    azure.unread.add("one0")
    assert "key1 does not open the table" in refused(azure.rotation().rotate_key2)
    assert azure.keys["key2"] == "two0"


def test_no_message_holds_a_key(azure: Azure) -> None:
    azure.regenerate = no("ScopeLocked")
    told = [refused(azure.rotation().rotate_key1), *azure.told]
    assert not any(key in text for key in ("one0", "two0") for text in told)


def test_an_account_without_both_keys_is_not_touched(azure: Azure, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotation, "KEY2", "keyB")
    with pytest.raises(RotationError, match="nothing was changed"):
        azure.rotation().rotate_key1()
