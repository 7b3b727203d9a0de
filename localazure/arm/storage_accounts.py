"""What a storage account's document says: the checks of a request, Azure's defaults, changes.

Source: Microsoft.Storage 2024-01-01 in azure-rest-api-specs; defaults as in answers recorded by azure-native's authors.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from localazure.arm.envelope import ArmError
from localazure.arm.refusals import invalid_content
from localazure.arm.regions import PAIRED, normalize

TYPE = "Microsoft.Storage/storageAccounts"
_NAME = re.compile(r"[a-z0-9]{3,24}")
_KINDS = ("Storage", "StorageV2", "BlobStorage", "FileStorage", "BlockBlobStorage")
_UPGRADES = {("Storage", "StorageV2"), ("BlobStorage", "StorageV2")}
_SKUS = {
    *(f"Standard_{copies}" for copies in ("LRS", "GRS", "RAGRS", "ZRS", "GZRS", "RAGZRS")),
    *(f"StandardV2_{copies}" for copies in ("LRS", "GRS", "ZRS", "GZRS")),
    *(f"{tier}_{copies}" for tier in ("Premium", "PremiumV2") for copies in ("LRS", "ZRS")),
}
_CHOICES = {
    "minimumTlsVersion": ("TLS1_0", "TLS1_1", "TLS1_2", "TLS1_3"),
    "accessTier": ("Hot", "Cool", "Cold", "Premium"),
    "publicNetworkAccess": ("Enabled", "Disabled", "SecuredByPerimeter"),
    "largeFileSharesState": ("Enabled", "Disabled"),
    "dnsEndpointType": ("Standard", "AzureDnsZone"),
    "allowedCopyScope": ("PrivateLink", "AAD"),
}
_SWITCHES = {
    "supportsHttpsTrafficOnly",
    "isSftpEnabled",
    "isLocalUserEnabled",
    "enableExtendedGroups",
    "isHnsEnabled",
    "allowBlobPublicAccess",
    "allowSharedKeyAccess",
    "isNfsV3Enabled",
    "allowCrossTenantReplication",
    "defaultToOAuthAuthentication",
}
_OBJECTS = {
    "sasPolicy",
    "keyPolicy",
    "customDomain",
    "encryption",
    "networkAcls",
    "azureFilesIdentityBasedAuthentication",
    "routingPreference",
    "immutableStorageWithVersioning",
}
_FIXED = ("isHnsEnabled", "isNfsV3Enabled")


def check_name(name: str) -> None:
    """3 to 24 lower-case letters and digits."""
    if not _NAME.fullmatch(name):
        raise ArmError(400, "AccountNameInvalid", name_rule(name))


def name_rule(name: str) -> str:
    """Azure's sentence about a bad name."""
    return (
        f"{name} is not a valid storage account name. Storage account name must be between 3 and 24 characters in "
        "length and use numbers and lower-case letters only."
    )


def name_taken(name: str) -> str:
    """Azure's sentence about a name that exists already, in whatever group."""
    return f"The storage account named {name} is already taken."


def check_create(body: Any) -> dict[str, Any]:
    """The body of a PUT for a new account; raises ArmError for what Azure refuses."""
    checked = check_change(body)
    for missing in (key for key in ("sku", "kind", "location") if not checked.get(key)):
        raise _invalid_value(missing)
    return checked


def check_change(body: Any) -> dict[str, Any]:
    """The body of a PATCH, or of a PUT for an account that exists."""
    if not isinstance(body, dict):
        raise invalid_content("a JSON object is expected")
    if not isinstance(body.get("properties") or {}, dict) or not isinstance(body.get("sku") or {}, dict):
        raise invalid_content("'properties' and 'sku' are objects")
    if body.get("sku") and body["sku"].get("name") not in _SKUS:
        raise _invalid_value("sku.name")
    if body.get("kind") and body["kind"] not in _KINDS:
        raise _invalid_value("kind")
    for name, value in (body.get("properties") or {}).items():
        _check_property(name, value)
    return body


def new_account(
    id_: str, name: str, body: Mapping[str, Any], now: datetime, endpoints: Mapping[str, str]
) -> dict[str, Any]:
    """The document of a new account with every default that Azure fills in; its state is `Creating`."""
    location = normalize(body["location"])
    properties: dict[str, Any] = {
        **_defaults(str(body["kind"]), stamp(now)),
        **_writable(body),
        "provisioningState": "Creating",
        "creationTime": stamp(now),
        "keyCreationTime": {"key1": stamp(now), "key2": stamp(now)},
        "primaryLocation": location,
        "statusOfPrimary": "available",
        "primaryEndpoints": dict(endpoints),
        "privateEndpointConnections": [],
        **_secondary(body["sku"]["name"], location),
    }
    _complete(properties, stamp(now))
    return {
        "sku": _sku(body["sku"]["name"]),
        "kind": body["kind"],
        "id": id_,
        "name": name,
        "type": TYPE,
        "location": location,
        "tags": body.get("tags") or {},
        **({"identity": body["identity"]} if body.get("identity") else {}),
        "properties": properties,
    }


def changed_account(
    account: Mapping[str, Any], body: Mapping[str, Any], now: datetime, whole: bool = False
) -> dict[str, Any]:
    """The document after a change. `whole`: a PUT, which also takes away the tags that it does not name."""
    _check_fixed(account, body)
    properties = {**account["properties"], **_writable(body)}
    if body.get("sku"):
        for gone in ("secondaryLocation", "statusOfSecondary"):
            properties.pop(gone, None)
        properties.update(_secondary(body["sku"]["name"], account["location"]))
    _complete(properties, stamp(now))
    changed = {**account, "properties": properties}
    if body.get("sku"):
        changed["sku"] = _sku(body["sku"]["name"])
    changed.update({key: body[key] for key in ("kind", "identity") if body.get(key)})
    if whole or "tags" in body:
        changed["tags"] = body.get("tags") or {}
    return changed


def serves_tables(kind: str, sku: str) -> bool:
    """Whether Azure gives such an account a Table service: general purpose, not premium."""
    return kind in ("Storage", "StorageV2") and not sku.startswith("Premium")


def stamp(now: datetime) -> str:
    """An instant as Storage writes it, with seven digits after the point."""
    return now.strftime("%Y-%m-%dT%H:%M:%S.%f") + "0Z"


def _check_property(name: str, value: Any) -> None:
    if value is None:
        return
    right = (
        isinstance(value, bool)
        if name in _SWITCHES
        else isinstance(value, dict)
        if name in _OBJECTS
        else value in _CHOICES.get(name, (value,))
    )
    if not right:
        raise _invalid_value(f"properties.{name}")


def _invalid_value(names: str) -> ArmError:
    return ArmError(
        400,
        "InvalidValuesForRequestParameters",
        f"Values for request parameters are invalid: {names}. For more information, see - "
        "https://aka.ms/storageaccountrequestparameters",
    )


def _check_fixed(account: Mapping[str, Any], body: Mapping[str, Any]) -> None:
    wanted = body.get("properties") or {}
    for name in _FIXED:
        if name in wanted and bool(wanted[name]) != bool(account["properties"].get(name)):
            raise _cannot_be_updated(name)
    if body.get("kind", account["kind"]) != account["kind"] and (account["kind"], body["kind"]) not in _UPGRADES:
        raise _cannot_be_updated("kind")


def _cannot_be_updated(name: str) -> ArmError:
    return ArmError(
        409,
        "AccountPropertyCannotBeUpdated",
        f"The property '{name}' was specified in the input, but it cannot be updated.",
    )


def _writable(body: Mapping[str, Any]) -> dict[str, Any]:
    known = _SWITCHES | _OBJECTS | set(_CHOICES)
    return {
        name: value for name, value in (body.get("properties") or {}).items() if name in known and value is not None
    }


def _defaults(kind: str, now: str) -> dict[str, Any]:
    services = {name: {"keyType": "Account", "enabled": True, "lastEnabledTime": now} for name in ("file", "blob")}
    return {
        "allowCrossTenantReplication": False,
        "minimumTlsVersion": "TLS1_0",
        "allowBlobPublicAccess": False,
        "networkAcls": {"defaultAction": "Allow"},
        "supportsHttpsTrafficOnly": True,
        "encryption": {"services": services, "keySource": "Microsoft.Storage"},
        **({} if kind == "Storage" else {"accessTier": "Hot"}),
    }


def _complete(properties: dict[str, Any], now: str) -> None:
    """Fill in what Azure adds to the objects that a request gives in part."""
    rules: dict[str, Any] = {
        "bypass": "AzureServices",
        "virtualNetworkRules": [],
        "ipRules": [],
        "defaultAction": "Allow",
    }
    given = {name: value for name, value in properties["networkAcls"].items() if value is not None}
    properties["networkAcls"] = {**rules, **given}
    encryption = properties["encryption"] = {"keySource": "Microsoft.Storage", **properties["encryption"]}
    for service in (encryption.get("services") or {}).values():
        if isinstance(service, dict) and service.get("enabled"):
            service.setdefault("keyType", "Account")
            service.setdefault("lastEnabledTime", now)


def _sku(name: str) -> dict[str, str]:
    return {"name": name, "tier": "Premium" if name.startswith("Premium") else "Standard"}


def _secondary(sku: str, location: str) -> dict[str, str]:
    """A geo-redundant account has a copy in the paired region."""
    if "G" not in sku.split("_")[1] or location not in PAIRED:
        return {}
    return {"secondaryLocation": PAIRED[location], "statusOfSecondary": "available"}
