"""Stored access policies of a table, between ARM's JSON and the Table service (which speaks XML about them)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from lxml import etree

from localazure.connectors.table_service import TableAccount

_FIELDS = {"Start": "startTime", "Expiry": "expiryTime", "Permission": "permission"}


def read_policies(xml: str) -> list[dict[str, Any]]:
    """`signedIdentifiers` as ARM shows them, from the Table service's answer about a table's policies."""
    root = etree.fromstring(xml.lstrip("\ufeff").encode(), etree.XMLParser(resolve_entities=False, no_network=True))
    return [_identifier(element) for element in root.findall("SignedIdentifier")]


def write_policies(account: TableAccount, table: str, identifiers: list[dict[str, Any]]) -> None:
    """Replace the table's policies by `signedIdentifiers`; blocks."""
    # Loaded when it is first needed: the start of the local cloud does not wait for it.
    from azure.core.credentials import AzureNamedKeyCredential
    from azure.data.tables import TableAccessPolicy, TableClient

    policies = {}
    for identifier in identifiers:
        given = identifier.get("accessPolicy") or {}
        policies[identifier["id"]] = TableAccessPolicy(
            permission=given.get("permission"), start=_instant(given, "startTime"), expiry=_instant(given, "expiryTime")
        )
    credential = AzureNamedKeyCredential(account.name, account.key)
    with TableClient(account.endpoint, table, credential=credential) as client:
        client.set_table_access_policy(policies)


def _identifier(element: etree._Element) -> dict[str, Any]:
    policy = element.find("AccessPolicy")
    found = {_FIELDS[part.tag]: part.text for part in (policy if policy is not None else ()) if part.tag in _FIELDS}
    return {"id": element.findtext("Id"), **({"accessPolicy": found} if found else {})}


def _instant(given: dict[str, Any], name: str) -> datetime | None:
    text = given.get(name)
    return datetime.fromisoformat(text[:26].rstrip("Z") + "+00:00") if text else None
