"""How ARM is called: token, retries, polling, existence, and the words of its failures."""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from arm_stub import ArmStub, RecordedSleeps

from localazure.pulumi_provider import arm_client
from localazure.pulumi_provider.arm_client import ArmClient, Deadline, Timing
from localazure.pulumi_provider.arm_errors import ArmCallError, CanceledError, TimedOutError
from localazure.pulumi_provider.configuration import Configuration

PATH = "/subscriptions/s/resourceGroups/g"
QUERY = {"api-version": "2024-03-01"}
DONE = {"id": PATH, "properties": {"provisioningState": "Succeeded"}}
WORKING = {"id": PATH, "properties": {"provisioningState": "Creating"}}
ERROR = {"error": {"code": "SomeCode", "message": "what happened"}}


def in_turn(arm: ArmStub, *answers: tuple[int, dict[str, str], Any]) -> None:
    """Answer the next calls so; the last answer stays."""
    left = list(answers)
    arm.rules.append(lambda *_call: left.pop(0) if len(left) > 1 else left[0])


def get(client: ArmClient) -> Any:
    return client.get(PATH, "2024-03-01", Deadline())


def put(client: ArmClient, *, long_running: bool = False, deadline: Deadline | None = None) -> Any:
    return client.put(PATH, QUERY, {"a": 1}, deadline or Deadline(), long_running=long_running)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ((404, {}, ERROR), 'Status=404 Code="SomeCode" Message="what happened"'),
        ((400, {"x-ms-error-code": "Other"}, ERROR), 'Status=400 Code="Other" Message="what happened"'),
        (
            (400, {}, {"code": "Flat", "message": "m"}),
            'Status=400 Code="Flat" Message="{"code": "Flat", "message": "m"}"',
        ),
        ((403, {}, {"x": 1}), 'Status=403 Message="{"x": 1}"'),
        ((400, {}, b"<html>"), 'Status=400 Message="<html>"'),
        ((200, {}, b"<html>"), "unexpected response from Azure: '<html>', HTTP status: 200 OK"),
    ],
)
def test_failures_are_worded_as_the_real_provider_words_them(
    client: ArmClient, arm: ArmStub, answer: Any, message: str
) -> None:
    in_turn(arm, answer)
    with pytest.raises(ArmCallError) as failed:
        get(client)
    assert str(failed.value) == message


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_a_passing_failure_is_tried_again_three_times(client: ArmClient, arm: ArmStub, status: int) -> None:
    in_turn(arm, *[(status, {}, ERROR)] * 3, (200, {}, DONE))
    assert get(client) == DONE
    assert len(arm.calls) == 4


def test_a_lasting_failure_is_reported_after_the_fourth_try(client: ArmClient, arm: ArmStub) -> None:
    in_turn(arm, (500, {}, ERROR))
    with pytest.raises(ArmCallError, match="Status=500"):
        get(client)
    assert len(arm.calls) == 4


@pytest.mark.parametrize(
    ("code", "calls"), [("AnotherOperationInProgress", 2), ("StorageAccountOperationInProgress", 2), ("Other", 1)]
)
def test_a_conflict_with_another_operation_is_tried_again(
    client: ArmClient, arm: ArmStub, code: str, calls: int
) -> None:
    in_turn(arm, (409, {}, {"error": {"code": code, "message": "m"}}), (200, {}, DONE))
    if calls == 1:
        with pytest.raises(ArmCallError, match="Status=409"):
            put(client)
    else:
        assert put(client).body == DONE
    assert len(arm.calls) == calls


def test_waits_follow_the_sequence_unless_arm_says_otherwise(
    configuration: Configuration, transport: httpx.MockTransport, arm: ArmStub
) -> None:
    client, sleeps = ArmClient(configuration, Timing(retries=(2.0, 6.0, 12.0)), transport), RecordedSleeps()
    in_turn(
        arm,
        (500, {}, ERROR),
        (503, {"Retry-After": "7"}, ERROR),
        (429, {"retry-after-ms": "50"}, ERROR),
        (200, {}, DONE),
    )
    client.get(PATH, "2024-03-01", sleeps)
    assert sleeps.seconds == [2.0, 7.0, 0.05]


def test_an_unreachable_cloud_is_named_with_what_to_do(configuration: Configuration) -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("Connection refused", request=request)

    client = ArmClient(configuration, Timing(retries=(0.0,)), httpx.MockTransport(refuse))
    with pytest.raises(ArmCallError, match=r"Connection refused.*localazure status"):
        get(client)


def test_a_refused_client_is_told_without_its_secret(configuration: Configuration, arm: ArmStub) -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        if "oauth2" in str(request.url):
            return httpx.Response(401, json={"error": "invalid_client", "error_description": "AADSTS7000215: no."})
        return arm.handle(request)

    client = ArmClient(configuration, transport=httpx.MockTransport(refuse))
    with pytest.raises(ArmCallError, match="AADSTS7000215") as failed:
        get(client)
    assert configuration.client_secret not in str(failed.value)
    assert configuration.client_secret not in repr(configuration)


def test_one_token_serves_many_calls(client: ArmClient, arm: ArmStub) -> None:
    in_turn(arm, (200, {}, DONE))
    threads = [threading.Thread(target=get, args=(client,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(arm.calls), arm.token_requests) == (8, 1)


def test_a_token_of_before_a_reset_is_renewed(client: ArmClient, arm: ArmStub) -> None:
    in_turn(arm, (200, {}, DONE), (401, {}, ERROR), (200, {}, DONE))
    get(client)
    assert get(client) == DONE
    assert arm.token_requests == 2


def test_a_client_that_is_not_let_in_is_told(client: ArmClient, arm: ArmStub) -> None:
    in_turn(arm, (401, {}, ERROR))
    with pytest.raises(ArmCallError, match="Status=401"):
        get(client)


@pytest.mark.parametrize("status", [200, 201])
def test_a_put_that_ends_at_once_is_not_polled(client: ArmClient, arm: ArmStub, status: int) -> None:
    in_turn(arm, (status, {}, WORKING))
    assert put(client).body == WORKING
    assert len(arm.calls) == 1


def test_a_put_with_an_operation_status_is_polled_and_read_at_its_own_url(client: ArmClient, arm: ArmStub) -> None:
    in_turn(
        arm,
        (201, {"Azure-AsyncOperation": f"{arm.endpoint}/status/1"}, WORKING),
        (200, {}, {"status": "InProgress"}),
        (200, {}, {"status": "Succeeded"}),
        (200, {}, DONE),
    )
    assert put(client, long_running=True).body == DONE
    assert [call[1] for call in arm.calls] == [PATH, "/status/1", "/status/1", PATH]


def test_a_put_answered_202_is_polled_at_its_location_even_if_it_should_not_be_long(
    client: ArmClient, arm: ArmStub
) -> None:
    in_turn(arm, (202, {"Location": "/relative/1?x=y"}, None), (202, {}, None), (200, {}, DONE))
    assert put(client).body == DONE
    assert [call[1] for call in arm.calls] == [PATH, "/relative/1", "/relative/1"]
    assert arm.queries[1] == {"x": "y", "api-version": "2024-03-01"}


def test_a_location_with_an_api_version_keeps_it(client: ArmClient, arm: ArmStub) -> None:
    in_turn(arm, (202, {"Location": f"{arm.endpoint}/l?api-version=1"}, None), (200, {}, DONE))
    put(client)
    assert arm.queries[1] == {"api-version": "1"}


def test_a_long_put_without_headers_is_polled_by_its_state(client: ArmClient, arm: ArmStub) -> None:
    in_turn(arm, (201, {}, WORKING), (200, {}, WORKING), (200, {}, DONE))
    assert put(client, long_running=True).body == DONE
    assert [call[0] for call in arm.calls] == ["PUT", "GET", "GET"]


@pytest.mark.parametrize(
    "answers",
    [
        [(201, {"Azure-AsyncOperation": "https://arm.test/s"}, WORKING), (200, {}, {"status": "Failed", **ERROR})],
        [(202, {"Location": "https://arm.test/l"}, None), (409, {}, ERROR)],
        [(201, {}, WORKING), (200, {}, {"properties": {"provisioningState": "Failed"}, **ERROR})],
    ],
)
def test_a_put_that_was_accepted_and_failed_later_hands_back_both(
    client: ArmClient, arm: ArmStub, answers: list[Any]
) -> None:
    in_turn(arm, *answers)
    result = put(client, long_running=True)
    assert 'Code="SomeCode" Message="what happened"' in str(result.failure)


def test_waits_between_polls_are_those_arm_asks_for(
    configuration: Configuration, transport: httpx.MockTransport, arm: ArmStub
) -> None:
    client, sleeps = ArmClient(configuration, Timing(poll_put=10.0), transport), RecordedSleeps()
    answers = [
        (202, {"Location": "/l", "retry-after-ms": "50"}, None),
        (202, {"Retry-After": "3"}, None),
        (202, {}, None),
    ]
    in_turn(arm, *answers, (200, {}, DONE))
    put(client, deadline=sleeps)
    assert sleeps.seconds == [0.05, 3.0, 10.0]


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ((404, {}, ERROR), None),
        ((204, {}, None), None),
        ((200, {}, None), None),
        ((200, {}, {}), None),
        ((200, {}, DONE), f"cannot create already existing resource '{PATH}'"),
        ((403, {}, {"x": 1}), f"cannot check existence of resource '{PATH}': status code 403, {{\"x\": 1}}"),
    ],
)
def test_only_what_does_not_exist_can_be_created(client: ArmClient, arm: ArmStub, answer: Any, message: Any) -> None:
    in_turn(arm, answer)
    if message is None:
        client.check_free(PATH, "2024-03-01", Deadline())
        return
    with pytest.raises(ArmCallError) as failed:
        client.check_free(PATH, "2024-03-01", Deadline())
    assert str(failed.value) == message


@pytest.mark.parametrize("answer", [(200, {}, None), (202, {}, None), (204, {}, None), (404, {}, b"gone")])
def test_a_delete_that_finds_nothing_succeeds_too(client: ArmClient, arm: ArmStub, answer: Any) -> None:
    in_turn(arm, answer)
    client.delete(PATH, "2024-03-01", Deadline(), long_running=False)
    assert [call[0] for call in arm.calls] == ["DELETE"]


def test_a_long_delete_is_polled_until_its_end(client: ArmClient, arm: ArmStub) -> None:
    in_turn(arm, (202, {"Location": "/l"}, None), (202, {}, None), (200, {}, None))
    client.delete(PATH, "2024-03-01", Deadline(), long_running=True)
    assert [call[0] for call in arm.calls] == ["DELETE", "GET", "GET"]


def test_a_refused_delete_is_reported(client: ArmClient, arm: ArmStub) -> None:
    in_turn(arm, (409, {}, ERROR))
    with pytest.raises(ArmCallError, match="Status=409"):
        client.delete(PATH, "2024-03-01", Deadline(), long_running=False)


def test_nulls_turn_a_put_into_a_patch(client: ArmClient, arm: ArmStub) -> None:
    in_turn(arm, (200, {}, DONE))
    client.put(PATH, QUERY, {"a": {"b": None}, "c": [None]}, Deadline(), long_running=False)
    client.put(PATH, QUERY, {"c": [None]}, Deadline(), long_running=False)
    assert [call[0] for call in arm.calls] == ["PATCH", "PUT"]


def test_an_operation_ends_at_its_deadline(client: ArmClient, arm: ArmStub, monkeypatch: pytest.MonkeyPatch) -> None:
    passed = [0.0]
    monkeypatch.setattr(arm_client, "time", SimpleNamespace(monotonic=lambda: passed[0]))

    def poll(_stub: ArmStub, method: str, *_call: Any) -> Any:
        if method == "GET":
            passed[0] += 30
        return 202, {"Location": "/l"}, None

    arm.rules.append(poll)
    result = put(client, deadline=Deadline(60))
    assert isinstance(result.failure, TimedOutError)
    assert str(result.failure) == "operation timed out"


def test_a_canceled_operation_stops_waiting(
    configuration: Configuration, transport: httpx.MockTransport, arm: ArmStub
) -> None:
    canceled = threading.Event()
    client = ArmClient(configuration, Timing(poll_put=60.0), transport)

    def poll(_stub: ArmStub, method: str, *_call: Any) -> Any:
        if method == "GET":
            canceled.set()
        return 202, {"Location": "/l"}, None

    arm.rules.append(poll)
    assert isinstance(put(client, deadline=Deadline(canceled=canceled)).failure, CanceledError)


def test_a_slow_answer_is_a_timeout(configuration: Configuration) -> None:
    def stall(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("", request=request)

    client = ArmClient(configuration, transport=httpx.MockTransport(stall))
    with pytest.raises(TimedOutError):
        get(client)
