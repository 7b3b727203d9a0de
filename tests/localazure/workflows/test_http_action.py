"""Http: what goes out, what comes back, authentication, the asynchronous pattern, failures; over a real socket too."""

from __future__ import annotations

import asyncio
import base64
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from workflow_world import WORKFLOW, Finished, World, compose, workflow

from localazure.connectors.request import ConnectorRequest, ConnectorResponse
from localazure.workflows.http_carrier import HttpAnswer, HttpRequest


class Network:
    """Stands for the network: answers in turn, keeps the calls."""

    def __init__(self, *answers: HttpAnswer | Exception) -> None:
        self.answers, self.calls = list(answers), list[HttpRequest]()

    async def __call__(self, request: HttpRequest) -> HttpAnswer:
        self.calls.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def run_http(world: World, network: Network, uri: str = "http://h/p", method: str = "GET", **inputs: Any) -> Finished:
    world.runtime.http.send = network
    options = {"operationOptions": inputs.pop("options")} if "options" in inputs else {}
    return world.run({"H": {"type": "Http", "inputs": {"method": method, "uri": uri, **inputs}, **options}})


JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("content", "kind", "body"),
    [
        (b'{"a":1.0}', "application/json; charset=utf-8", {"a": 1.0}),
        (b"[1]", "application/vnd.x+json", [1]),
        ("é".encode("latin-1"), "text/plain; charset=iso-8859-1", "é"),
        (b"<a/>", "application/xml", {"$content-type": "application/xml", "$content": "PGEvPg=="}),
    ],
)
def test_an_answer_is_read_by_its_type(world: World, content: bytes, kind: str, body: Any) -> None:
    run = run_http(world, Network(HttpAnswer(200, {"Content-Type": kind}, content)))
    assert run.out("H") == {"statusCode": 200, "headers": {"Content-Type": kind}, "body": body}
    assert run["H"]["code"] == "OK"


def test_an_empty_answer_has_no_body(world: World) -> None:
    run = run_http(world, Network(HttpAnswer(204)))
    assert run.out("H") == {"statusCode": 204, "headers": {}} and run["H"]["code"] == "NoContent"


@pytest.mark.parametrize(
    ("body", "content", "kind"),
    [
        ({"a": [1.0, None]}, b'{"a":[1.0,null]}', "application/json; charset=utf-8"),
        ("text", b"text", "text/plain; charset=utf-8"),
        ({"$content-type": "image/png", "$content": "iQ=="}, b"\x89", "image/png"),
    ],
)
def test_a_body_is_sent_by_its_kind(world: World, body: Any, content: bytes, kind: str) -> None:
    network = Network(HttpAnswer(200))
    run_http(world, network, method="POST", body=body)
    assert network.calls[0].content == content and network.calls[0].headers["Content-Type"] == kind


def test_queries_replace_those_of_the_address_and_some_headers_are_dropped_and_added(world: World) -> None:
    network = Network(HttpAnswer(200))
    headers = {"X": 1, "Host": "evil", "Accept-Encoding": "x", "Accept": "a/b", "Origin": "o"}
    run_http(world, network, "http://h/p?old=1", queries={"n": "a b"}, headers=headers)
    (call,) = network.calls
    assert call.url == "http://h/p?n=a%20b" or call.url == "http://h/p?n=a+b"
    assert call.headers["X"] == "1" and call.headers["Accept"] == "a/b"
    assert not {"Host", "Accept-Encoding", "Origin"} & set(call.headers)
    assert call.headers["User-Agent"].startswith("azure-logic-apps/1.0,(workflow ")
    assert call.headers["x-ms-workflow-operation-name"] == "H" and call.headers["x-ms-workflow-name"] == "flow"
    assert call.headers["x-ms-tracking-id"] == call.headers["x-ms-correlation-id"]


def test_a_cookie_is_an_input_of_its_own(world: World) -> None:
    network = Network(HttpAnswer(200))
    run = run_http(world, network, cookie="a=b", headers={"Cookie": "dropped"})
    assert network.calls[0].headers["Cookie"] == "a=b" and run["H"]["inputs"]["cookie"] == "a=b"


def test_pages_are_asked_for_by_get_with_the_same_authentication(world: World) -> None:
    def page(content: str) -> HttpAnswer:
        return HttpAnswer(200, JSON, content.encode())

    network = Network(
        page('{"value":[1],"nextLink":"/p?page=2"}'),
        page('{"value":[],"@odata.nextLink":"http://h/p?page=3"}'),
        page('{"value":[2,3],"nextLink":"http://h/p?page=4"}'),
    )
    world.runtime.http.send = network
    login = {"type": "Raw", "value": "hush"}
    inputs = {"method": "POST", "uri": "http://h/p", "queries": {"q": "1"}, "body": {}, "authentication": login}
    paging = {"paginationPolicy": {"minimumItemCount": 2}}
    run = world.run({"H": {"type": "Http", "inputs": inputs, "runtimeConfiguration": paging}})

    assert run.out("H")["body"] == {"value": [1, 2, 3], "nextLink": "http://h/p?page=4"}
    assert [(call.method, call.url) for call in network.calls] == [
        ("POST", "http://h/p?q=1"),
        ("GET", "http://h/p?page=2"),
        ("GET", "http://h/p?page=3"),
    ]
    assert {call.headers["Authorization"] for call in network.calls} == {"hush"}
    assert network.calls[1].content == b""


@pytest.mark.parametrize(
    ("authentication", "expected"),
    [
        ({"type": "Basic", "username": "u", "password": "hush"}, "Basic " + base64.b64encode(b"u:hush").decode()),
        ({"type": "Raw", "value": "hush"}, "hush"),
        ({"type": "ManagedServiceIdentity", "audience": "urn:a"}, "Bearer token for urn:a"),
        ({"type": "None"}, None),
    ],
)
def test_authentication_goes_out_and_stays_out_of_the_history(
    world: World, authentication: dict[str, str], expected: str | None
) -> None:
    network = Network(HttpAnswer(500), HttpAnswer(200))
    world.runtime.http.tokens.managed_identity = lambda audience: f"token for {audience}"
    policy = {"type": "fixed", "interval": "PT5S", "count": 1}
    run = run_http(world, network, authentication=authentication, retryPolicy=policy)
    assert [call.headers.get("Authorization") for call in network.calls] == [expected] * 2
    assert "hush" not in str(run.records) and "hush" not in str(run.data)
    assert run["H"]["inputs"]["retryPolicy"]["type"] == "Fixed"


def test_a_client_secret_is_exchanged_for_a_token(world: World) -> None:
    network = Network(HttpAnswer(200, JSON, b'{"access_token":"T"}'), HttpAnswer(200))
    oauth = {"type": "ActiveDirectoryOAuth", "tenant": "t", "audience": "urn:a", "clientId": "c", "secret": "s"}
    run_http(world, network, authentication=oauth)
    assert network.calls[0].url == "https://login.microsoftonline.com/t/oauth2/token"
    assert b"client_secret=s" in network.calls[0].content and b"resource=urn" in network.calls[0].content
    assert network.calls[1].headers["Authorization"] == "Bearer T"


def test_what_cannot_be_authenticated_fails_and_says_why(world: World) -> None:
    for authentication in ({"type": "Secret handshake"}, {"type": "ClientCertificate", "pfx": "AA=="}):
        run = run_http(world, Network(), authentication=authentication)
        assert run["H"]["code"] == "BadRequest" and run["H"]["error"]["message"]


def test_an_accepted_call_is_asked_for_its_result(world: World) -> None:
    accepted = HttpAnswer(202, {"Location": "/status/1", "Retry-After": "7"})
    network = Network(accepted, HttpAnswer(202, {"Location": "http://h/status/1"}), HttpAnswer(200, JSON, b'"done"'))
    began = world.clock.now()
    run = run_http(world, network, method="POST", body="x")
    assert run.out("H")["body"] == "done" and (world.clock.now() - began).total_seconds() == 27
    assert [(call.method, call.url) for call in network.calls[1:]] == [("GET", "http://h/status/1")] * 2
    network = Network(accepted)
    assert run_http(world, network, options="DisableAsyncPattern").out("H")["statusCode"] == 202


@pytest.mark.parametrize(
    ("status", "result"), [(302, "Succeeded"), (399, "Succeeded"), (400, "Failed"), (404, "Failed")]
)
def test_the_status_decides(world: World, status: int, result: str) -> None:
    assert run_http(world, Network(HttpAnswer(status)))["H"]["status"] == result


def test_a_body_that_is_not_the_json_it_claims_to_be_fails_without_outputs(world: World) -> None:
    run = run_http(world, Network(HttpAnswer(200, JSON, b"Server error")))
    assert run["H"]["error"]["message"].startswith(
        "Http request failed: the content was not a valid JSON. Error while parsing JSON: "
        "'Unexpected character encountered while parsing value: S. Path '', line 0, position 0.'."
    )
    assert "outputs" not in run["H"]


def test_an_answer_of_more_than_a_hundred_megabytes_fails(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("localazure.workflows.http_carrier.LARGEST_MESSAGE", 10)
    run = run_http(world, Network(HttpAnswer(200, {}, b"x" * 11)))
    assert run["H"]["code"] == "BadRequest" and "maximum buffer size: 10." in run["H"]["error"]["message"]


@pytest.mark.parametrize("inputs", [{"uri": 1}, {"uri": ""}, {"uri": "http://h", "method": "BREW"}])
def test_inputs_that_are_no_call(world: World, inputs: dict[str, Any]) -> None:
    run = world.run({"H": {"type": "Http", "inputs": {"method": "GET", **inputs}}})
    assert run["H"]["code"] == "BadRequest"


def test_a_function_is_called_in_process(world: World) -> None:
    async def double(request: ConnectorRequest) -> ConnectorResponse:
        return ConnectorResponse(200, {}, request.body["n"] * 2)

    identity = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/sites/app/functions/Double"
    world.runtime.functions[identity.lower()] = double
    action = {"type": "Function", "inputs": {"function": {"id": identity}, "body": {"n": 21}}}
    assert world.run({"F": action}).out("F")["body"] == 42
    other = {"type": "Function", "inputs": {"function": {"id": identity + "2"}}}
    assert "does not run here" in world.run({"F": other})["F"]["error"]["message"]


def test_an_http_webhook_subscribes_waits_and_unsubscribes_when_it_times_out(world: World) -> None:
    network = Network(HttpAnswer(200), HttpAnswer(200))
    world.runtime.http.send = network
    hook = {
        "type": "HttpWebhook",
        "inputs": {
            "subscribe": {"method": "POST", "uri": "http://h/sub", "body": {"url": "@{listCallbackUrl()}"}},
            "unsubscribe": {"method": "DELETE", "uri": "http://h/sub"},
        },
        "limit": {"timeout": "PT1H"},
    }
    world.put(workflow({"Ask": hook, "Late": compose(1, Ask="TimedOut")}))
    name = world.fire()
    run = world.finished(world.go(world.clock.drive(world.runtime.wait(name))))
    assert run["Ask"]["status"] == "TimedOut" and run["Late"]["status"] == "Succeeded"
    world.advance(seconds=1)
    assert [(call.method, call.url) for call in network.calls] == [("POST", "http://h/sub"), ("DELETE", "http://h/sub")]
    assert f"/runs/{name}/actions/Ask/run?".encode() in network.calls[0].content


# --- a real socket ------------------------------------------------------------------------------------------------


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(201)
        self.send_header("content-type", "application/json")
        self.send_header("etag", '"1"')
        self.end_headers()
        self.wfile.write(b'{"got":' + content + b"}")

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def server() -> Iterator[str]:
    made = HTTPServer(("127.0.0.1", 0), _Handler)
    thread = threading.Thread(target=made.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{made.server_port}"
    made.shutdown()
    made.server_close()
    thread.join()


def test_this_machine_is_reached_without_the_users_proxy(
    world: World, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    run = world.run({"H": {"type": "Http", "inputs": {"method": "POST", "uri": server, "body": {"a": 1}}}})
    assert run.out("H")["body"] == {"got": {"a": 1}}


def test_over_a_real_socket(world: World, server: str) -> None:
    run = world.run({"H": {"type": "Http", "inputs": {"method": "POST", "uri": server, "body": {"a": 1}}}})
    assert run.out("H")["body"] == {"got": {"a": 1}} and run["H"]["code"] == "Created"
    assert run.out("H")["headers"]["ETag"] == '"1"' and run.out("H")["headers"]["Content-Type"] == "application/json"


def test_nobody_listens_and_no_such_host(world: World, server: str) -> None:
    once = {"retryPolicy": {"type": "none"}}
    closed = "http://127.0.0.1:1/"
    run = world.run({"H": {"type": "Http", "inputs": {"method": "GET", "uri": closed, **once}}})
    assert run["H"]["error"]["message"] == (
        "Http request failed with status code 'ConnectFailure' and status message: "
        "'Unable to connect to the remote server'."
    )
    unknown = {"type": "Http", "inputs": {"method": "GET", "uri": "http://no-such-host.invalid/", **once}}
    error = world.run({"H": unknown})["H"]["error"]
    assert error["code"] == "UnresolvableHostName"
    assert error["message"] == "The provided host name 'no-such-host.invalid' could not be resolved."


@pytest.mark.parametrize("inputs", [{"headers": {"é": "x"}}, {"headers": {"X": "a\r\nb"}}, {"cookie": "a\r\nb"}])
def test_what_cannot_be_sent_fails_at_once(world: World, server: str, inputs: dict[str, Any]) -> None:
    run = world.run({"H": {"type": "Http", "inputs": {"method": "GET", "uri": f"{server}/x", **inputs}}})
    assert "cannot be sent" in run["H"]["error"]["message"] and "retryHistory" not in run["H"]


def test_time_does_not_pass_while_the_network_answers(world: World, server: str) -> None:
    world.put(workflow({"H": {"type": "Http", "inputs": {"method": "POST", "uri": server, "body": 1}}}))
    began = world.clock.now()
    name = world.fire()
    data = world.go(asyncio.wait_for(world.clock.drive(world.runtime.wait(name)), 120))
    assert data["status"] == "Succeeded" and world.clock.now() == began
    assert world.runtime.run(WORKFLOW, name)["status"] == "Succeeded"
