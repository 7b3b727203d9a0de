"""The table service and the connector that reads it: pages, filters, refusals, what an answer holds."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

from azure.core.exceptions import HttpResponseError
from azure.data.tables import TableClient, TableServiceClient

from verify.arm import ArmError
from verify.site import Json, Site, compose, get_entities
from verify.statement import Observation, Topic

TOPIC = Topic("Reading the lead table")

_FLOW, _CONNECTOR = "notifier/documented.py", "localazure/connectors/azuretables.py"
_AZURITE = "localazure/azurite.py"
_PAGED = {"runtimeConfiguration": {"paginationPolicy": {"minimumItemCount": 100_000}}}
_WRONG_KEY = base64.b64encode(b"never a key of this account; 64 bytes, as a real one has them...").decode()
_LAST = "RowKey eq 'nobody' or (PartitionKey eq 'p20' and RowKey eq 'r049')"


@TOPIC.statement(
    "get-entities-follows-pages",
    "With a `paginationPolicy`, Get entities follows the continuations of the table service and returns all rows.",
    otherwise="the flow sees the first page only, and leads are lost without a trace: it has to follow them by itself",
    places=(_FLOW, _CONNECTOR),
)
def get_entities_follows_pages(site: Site) -> Observation:
    """Lets a workflow read a table of 1,050 rows with pagination switched on, and counts what it got."""
    seen, rows = _counted(site, _PAGED)
    return Observation(seen == rows, {"rowsInTable": rows, "rowsSeen": seen})


@TOPIC.statement(
    "first-page-only",
    "Without a `paginationPolicy`, Get entities returns the first page only: at most 1,000 rows.",
    otherwise="the setting is not needed, and the checker's warning about a query without it is too strict",
    places=(_FLOW, "wdl/checker/__init__.py"),
)
def first_page_only(site: Site) -> Observation:
    """Lets a workflow read a table of 1,050 rows without pagination, and counts what it got."""
    seen, rows = _counted(site, {})
    return Observation(seen == 1000, {"rowsInTable": rows, "rowsSeen": seen})


@TOPIC.statement(
    "empty-page-is-followed",
    "Get entities goes on after a page without rows that carries a continuation.",
    otherwise="the flow reports no leads although there are some, as soon as the service answers with such a page",
    places=(_FLOW, "localazure/connectors/faults.py"),
)
def empty_page_is_followed(site: Site) -> Observation:
    """Asks the service for the last of 1,050 rows by a filter that scans the table. If one of its pages is empty and
    continued, a workflow that asks the same must see the row."""
    table, _ = site.many_rows()
    pages = [len(list(page)) for page in site.tables.get_table_client(table).query_entities(_LAST).by_page()]
    read = {"Read": get_entities(table, {"$filter": _LAST}, _PAGED), "Count": _count("Read")}
    return judge_empty_page(pages, _output(site, read, "Count"))


def judge_empty_page(pages: list[int], seen: int) -> Observation:
    """`pages`: rows on each page of the service's own answer; `seen`: rows that the workflow got."""
    facts = {"rowsOnPages": pages, "rowsSeen": seen}
    if 0 not in pages[:-1]:
        return Observation(None, facts, "the table service gave no empty page with a continuation this time")
    return Observation(seen == sum(pages), facts)


@TOPIC.statement(
    "timestamp-in-answer",
    "Each row that Get entities returns has its `Timestamp`, as text with seven digits of a second and `Z`.",
    otherwise="mails and scripts that show when a lead was written have to ask the table itself",
    places=("leads/lead.py", _CONNECTOR),
)
def timestamp_in_answer(site: Site) -> Observation:
    """Lets a workflow read one row and looks at what it has beside its own columns."""
    row = _row_as_read(site)
    stamp = row.get("Timestamp")
    form = _form(stamp) if isinstance(stamp, str) else None
    return Observation(form == "9999-99-99T99:99:99.9999999Z", {"columns": sorted(row), "form": form})


@TOPIC.statement(
    "etag-in-answer",
    "Each row that Get entities returns has its `odata.etag`, and the answer an `odata.metadata`.",
    otherwise="flows that change rows by `If-Match` work here and fail on Azure",
    places=(_CONNECTOR,),
)
def etag_in_answer(site: Site) -> Observation:
    """Lets a workflow read one row and looks at the names in the answer."""
    body = _body_as_read(site)
    row = (body.get("value") or [{}])[0]
    names = {"answer": sorted(body), "row": sorted(row)}
    return Observation("odata.etag" in row and "odata.metadata" in body, names)


@TOPIC.statement(
    "bad-date-is-refused",
    "A filter with a date that is none (`datetime'not-a-date'`) is refused with 400; it does not find nothing.",
    otherwise="a broken expression in the filter looks like a quiet day",
    places=(_FLOW, "wdl/checker/__init__.py", _AZURITE),
)
def bad_date_is_refused(site: Site) -> Observation:
    """Asks the table service with such a filter."""
    return _refused(_asked(site, "Timestamp gt datetime'not-a-date'"), 400)


@TOPIC.statement(
    "text-is-no-date",
    "A filter that compares `Timestamp` with a text instead of a `datetime'…'` is refused with 400.",
    otherwise="the checker's error about it would be a warning only",
    places=("wdl/checker/__init__.py", _AZURITE),
)
def text_is_no_date(site: Site) -> Observation:
    """Asks the table service with such a filter."""
    return _refused(_asked(site, "Timestamp gt '2026-01-01T00:00:00Z'"), 400)


@TOPIC.statement(
    "at-most-1000-rows",
    "A query that asks for more than 1,000 rows a page (`$top=1001`) is refused with 400.",
    otherwise="Azurite is right to accept it, and it is no deviation",
    places=(_AZURITE,),
)
def at_most_1000_rows(site: Site) -> Observation:
    """Asks the table service for 1,001 rows a page."""
    table = site.tables.get_table_client(site.deployed.table)
    return _refused(_refusal(lambda: next(table.list_entities(results_per_page=1001).by_page(), None)), 400)


@TOPIC.statement(
    "table-being-deleted",
    "A table that was deleted cannot be made again for a while: 409 `TableBeingDeleted`.",
    otherwise="a deployment that replaces the lead table would simply work",
    places=("leads/table.py", _AZURITE),
)
def table_being_deleted(site: Site) -> Observation:
    """Makes a table, deletes it and makes it again at once."""
    table = site.new_table()
    table.delete_table()
    return _refused(_refusal(table.create_table), 409, "TableBeingDeleted")


@TOPIC.statement(
    "wrong-key-code",
    "The table service answers a wrong account key with 403 `AuthenticationFailed`.",
    otherwise="the scripts word the error of a rotated key for the wrong code",
    places=("leads/table.py",),
)
def wrong_key_code(site: Site) -> Observation:
    """Asks the table service with a key that was never the account's."""
    told = dict(part.split("=", 1) for part in site.deployed.connection_string.split(";") if part)
    wrong = ";".join(f"{name}={_WRONG_KEY if name == 'AccountKey' else value}" for name, value in told.items())
    with TableServiceClient.from_connection_string(wrong, retry_total=0) as service:
        return _refused(_refusal(lambda: next(service.list_tables().by_page(), None)), 403, "AuthenticationFailed")


@TOPIC.statement(
    "bad-table-name-code",
    "The table service answers a table name that is none with 400 `InvalidResourceName`.",
    otherwise="the local cloud should give another code",
    places=(_AZURITE,),
)
def bad_table_name_code(site: Site) -> Observation:
    """Has the table service make a table whose name begins with a digit."""
    return _refused(_refusal(lambda: _make_raw(site, "1table")), 400, "InvalidResourceName")


@TOPIC.statement(
    "rotated-key-shows",
    "With a key that is valid no more, Get entities fails with the code `Forbidden`, while its connection goes on"
    " saying `Connected`.",
    otherwise="a rotated key is found (and told) by another sign",
    places=("leads/delivery.py", _CONNECTOR),
)
def rotated_key_shows(site: Site) -> Observation:
    """Lets a workflow read through a connection whose key was never the account's."""
    values = {"parameterValues": {"storageaccount": site.deployed.account, "sharedkey": _WRONG_KEY}}
    connection = site.connection("azuretables", values)
    workflow = site.deploy({"Read": get_entities(site.deployed.table)}, tables=connection)
    action = workflow.action(workflow.finished()[0], "Read")
    status = connection_status(site, connection)
    told = {"action": action["status"], "code": action.get("code"), "connection": status}
    return Observation(told == {"action": "Failed", "code": "Forbidden", "connection": "Connected"}, told)


@TOPIC.statement(
    "absent-table-code",
    "Azure Resource Manager answers for a table that is not there with 404 and a code that azure-native takes for"
    ' "gone" (`ResourceNotFound`, `NotFound`, `ParentResourceNotFound`).',
    otherwise="`pulumi refresh` fails after somebody has deleted the table, instead of offering to make it again"
    " (pulumi-azure-native #4841)",
    places=("stacks/adoption.py", "localazure/arm/storage_tables.py"),
)
def absent_table_code(site: Site) -> Observation:
    """Asks ARM for a table that was never made."""
    account = f"{site.deployed.group_id}/providers/Microsoft.Storage/storageAccounts/{site.deployed.account}"
    answer = site.arm.call("GET", f"{account}/tableServices/default/tables/nobody", "2024-01-01")
    known = answer.code in ("ResourceNotFound", "NotFound", "ParentResourceNotFound")
    return Observation(answer.status == 404 and known, {"status": answer.status, "code": answer.code})


@TOPIC.statement(
    "table-found-in-any-case",
    "Azure Resource Manager finds a table by its name in any case, and answers with the table's own spelling.",
    otherwise="`existingTable` has to be spelled as the table is",
    places=("stacks/adoption.py", "localazure/arm/storage_tables.py"),
)
def table_found_in_any_case(site: Site) -> Observation:
    """Asks ARM for the lead table in capitals."""
    account = f"{site.deployed.group_id}/providers/Microsoft.Storage/storageAccounts/{site.deployed.account}"
    path = f"{account}/tableServices/default/tables/{site.deployed.table.upper()}"
    answer = site.arm.call("GET", path, "2024-01-01")
    same = answer.is_fine and answer.body["name"] == site.deployed.table
    return Observation(same, {"status": answer.status, "code": answer.code, "ownSpelling": same})


def connection_status(site: Site, connection: str) -> str:
    """What a connection says of itself: `Connected`, `Error`, …"""
    found = site.arm.call("GET", connection, "2016-06-01").needed("reading a connection")
    statuses = found["properties"].get("statuses") or [{}]
    return str(statuses[0].get("status", ""))


def _counted(site: Site, more: Json) -> tuple[int, int]:
    table, rows = site.many_rows()
    return _output(site, {"Read": get_entities(table, None, more), "Count": _count("Read")}, "Count"), rows


def _count(action: str) -> Json:
    return compose(f"@length(body('{action}')?['value'])", after=action)


def _output(site: Site, actions: Json, name: str) -> Any:
    """The output of an action of a workflow that runs once; raises `ArmError` if it failed."""
    workflow = site.deploy(actions)
    run = workflow.finished()[0]
    action = workflow.action(run, name)
    if action["status"] != "Succeeded":
        raise ArmError(f"{name} of {workflow.name} is {action['status']} ({action.get('code')})")
    return action["outputs"]


def _body_as_read(site: Site) -> Json:
    table = site.new_table()
    table.create_entity({"PartitionKey": "p", "RowKey": "r", "ActionCode": "INS"})
    found: Json = _output(site, {"Read": get_entities(table.table_name)}, "Read")["body"]
    return found


def _row_as_read(site: Site) -> Json:
    rows = _body_as_read(site)["value"]
    return dict(rows[0]) if rows else {}


def _form(text: str) -> str:
    return "".join("9" if character.isdigit() else character for character in text)


def _asked(site: Site, odata_filter: str) -> tuple[int, str]:
    table = site.tables.get_table_client(site.deployed.table)
    return _refusal(lambda: next(table.query_entities(odata_filter).by_page(), None))


def _refusal(action: Callable[[], object]) -> tuple[int, str]:
    """Status and code of a refusal; 200 where there was none."""
    try:
        action()
    except HttpResponseError as error:
        headers = getattr(error.response, "headers", {})
        return error.status_code or 0, str(headers.get("x-ms-error-code") or _code_in_body(error))
    return 200, ""


def _code_in_body(error: HttpResponseError) -> str:
    try:
        return str(json.loads(error.response.text())["odata.error"]["code"]) if error.response else ""
    except (ValueError, KeyError, TypeError):
        return ""


def _refused(told: tuple[int, str], status: int, code: str | None = None) -> Observation:
    holds = told[0] == status and code in (None, told[1])
    return Observation(holds, {"status": told[0], "code": told[1]})


def _make_raw(site: Site, name: str) -> None:
    """Make a table whose name the client itself would not refuse earlier."""
    TableClient.from_connection_string(site.deployed.connection_string, name, retry_total=0).create_table()
