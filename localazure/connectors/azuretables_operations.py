"""The operations of azuretables. Ids of the second version: those of the first with `_V2`, which is not verified."""

from __future__ import annotations

from dataclasses import replace

from localazure.connectors.operations import Operation

_ENTITY = "/tables/{table}/entities(PartitionKey='{partition}',RowKey='{row}')"
_TAGGED = "/tables/{table}/entities/etag(PartitionKey='{partition}',RowKey='{row}')"

_FIRST_VERSION = (
    Operation("GetTables", "GET", "/tables", "List tables"),
    Operation("CreateTable", "POST", "/tables", "Create table"),
    Operation("GetTable", "GET", "/tables/{table}", "Get a table"),
    Operation("DeleteTable", "DELETE", "/tables/{table}", "Delete a table"),
    Operation("GetEntities", "GET", "/tables/{table}/entities", "Get entities"),
    Operation("CreateEntity", "POST", "/tables/{table}/entities", "Insert Entity"),
    Operation("GetEntity", "GET", _ENTITY, "Get entity"),
    Operation("InsertReplaceEntity", "PUT", _ENTITY, "Insert or Replace Entity"),
    Operation("InsertMergeEntity", "PATCH", _ENTITY, "Insert or Merge Entity"),
    Operation("ReplaceEntity", "PUT", _TAGGED, "Replace Entity"),
    Operation("MergeEntity", "PATCH", _TAGGED, "Merge Entity"),
    Operation("DeleteEntity", "DELETE", _TAGGED, "Delete Entity"),
)


def _second(operation: Operation) -> Operation:
    template = "/v2/storageAccounts/{account}" + operation.template
    # The account is encoded twice, because the address of an endpoint with its slashes may stand there.
    return replace(
        operation,
        id=operation.id + "_V2",
        template=template,
        title=operation.title + " (V2)",
        twice=("account",),
    )


OPERATIONS = (
    *_FIRST_VERSION,
    *map(_second, _FIRST_VERSION),
    Operation("GetStorageAccounts", "GET", "/v2/GetStorageAccounts", "Get storage accounts"),
)
