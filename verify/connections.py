"""What happens to API connections: consent, parameter values, identities."""

from __future__ import annotations

from verify.arm import WEB
from verify.site import Json, Site, get_entities
from verify.statement import Need, Observation, Topic
from verify.tables import connection_status

TOPIC = Topic("API connections")

_OURS = ("stacks/connections.py", "localazure/arm/web.py")
_IDENTITY: Json = {"parameterValueSet": {"name": "managedIdentityAuth", "values": {}}}


@TOPIC.statement(
    "put-keeps-key",
    "A PUT of a connection without `parameterValues` leaves its key as it was.",
    otherwise="whoever renames a connection in a template without repeating the key breaks the flow",
    places=("localazure/arm/web_connections.py",),
)
def put_keeps_key(site: Site) -> Observation:
    """Makes a connection with the key, puts it again without, and lets a workflow read through it."""
    key = dict(part.split("=", 1) for part in site.deployed.connection_string.split(";") if part)["AccountKey"]
    values = {"parameterValues": {"storageaccount": site.deployed.account, "sharedkey": key}}
    connection = site.connection("azuretables", values)
    site.arm.call("PUT", connection, WEB, site.connection_body("azuretables", {})).needed("putting it again")
    workflow = site.deploy({"Read": get_entities(site.deployed.table)}, tables=connection)
    action = workflow.action(workflow.finished()[0], "Read")
    told = {"connection": connection_status(site, connection), "action": action["status"], "code": action.get("code")}
    return Observation(action["status"] == "Succeeded", told)


@TOPIC.statement(
    "connection-hides-values",
    "Reading a connection returns no `parameterValues`; what is no secret comes as `nonSecretParameterValues`.",
    otherwise="`pulumi refresh` brings keys into the state in plain text",
    places=_OURS,
)
def connection_hides_values(site: Site) -> Observation:
    """Reads the connection of the lead table and looks at the names it has, and for the key."""
    answer = site.arm.call("GET", site.deployed.tables_connection, WEB).needed("reading the connection")
    properties = answer["properties"]
    plain = sorted(properties.get("nonSecretParameterValues") or {})
    told = {"properties": sorted(properties), "nonSecretParameterValues": plain}
    hidden = not properties.get("parameterValues") and "sharedkey" not in [name.lower() for name in plain]
    return Observation(hidden, told)


@TOPIC.statement(
    "unauthenticated-status",
    "An Office 365 connection that nobody has consented to has the status `Error` with the code `Unauthenticated`.",
    otherwise="`renew_consent.py` does not see that a consent is missing",
    places=("leads/consent.py", "localazure/arm/web_connections.py"),
)
def unauthenticated_status(site: Site) -> Observation:
    """Makes such a connection and reads its status."""
    connection = site.connection("office365", {})
    found = site.arm.call("GET", connection, WEB).needed("reading the connection")["properties"]
    statuses = found.get("statuses") or [{}]
    told = {"status": statuses[0].get("status"), "code": (statuses[0].get("error") or {}).get("code")}
    if told["status"] == "Connected":
        return Observation(None, told, "this cloud consents by itself")
    return Observation(told == {"status": "Error", "code": "Unauthenticated"}, told)


@TOPIC.statement(
    "consent-link-to-this-machine",
    "The page of consent leads back to a program on the machine of the person who consents (`http://127.0.0.1:PORT`).",
    otherwise="`renew_consent.py` waits in vain, and the consent has to be given in the portal",
    places=("scripts/renew_consent.py", "docs/environments.md"),
    needs=(Need.CONSENT,),
)
def consent_link_to_this_machine(site: Site) -> Observation:
    """Asks for such a link, and tells whether the consent that was asked for at the beginning came back by one."""
    wanted = {"parameterName": "token", "redirectUrl": "http://127.0.0.1:1/", "objectId": "me", "tenantId": "here"}
    link = f"{site.deployed.mail_connection}/listConsentLinks"
    answer = site.arm.call("POST", link, WEB, {"parameters": [wanted]})
    told = {"linkStatus": answer.status, "code": answer.code, "cameBack": site.consent_came_back}
    why = "" if site.consent_came_back is not None else "nobody was asked for the consent"
    return Observation(site.consent_came_back, told, why)


@TOPIC.statement(
    "v2-operation-ids",
    "The operations of the azuretables connector's second version have the ids of the first with `_V2`.",
    otherwise="whoever gives a connector of his own by operation ids uses the wrong ones",
    places=("localazure/connectors/azuretables_operations.py",),
)
def v2_operation_ids(site: Site) -> Observation:
    """Asks ARM for the description of the managed API (`export=true`) and lists the ids under `/v2/`."""
    answer = site.arm.call("GET", site.api_id("azuretables"), WEB, export="true")
    paths = (answer.body or {}).get("paths") if isinstance(answer.body, dict) else None
    if not isinstance(paths, dict):
        return Observation(None, {"status": answer.status}, "no description of the API was given")
    ids = [one["operationId"] for path in paths.values() for one in path.values() if isinstance(one, dict)]
    second = sorted(id_ for id_ in ids if "v2" in id_.lower())
    return Observation(bool(second) and all(id_.endswith("_V2") for id_ in second), {"ids": sorted(ids)})


@TOPIC.statement(
    "identity-on-2016-06-01",
    "The API version 2016-06-01, which azure-native uses for connections, takes a `parameterValueSet`"
    " (`managedIdentityAuth`) although it does not document it.",
    otherwise="a connection by managed identity has to be made with 2018-07-01-preview",
    places=("stacks/connections.py", "localazure/arm/web_connections.py"),
)
def identity_on_2016_06_01(site: Site) -> Observation:
    """Makes an azuretables connection with that value set and that version, and looks at its status."""
    id_ = f"{site.deployed.group_id}/providers/Microsoft.Web/connections/probe-identity"
    answer = site.arm.call("PUT", id_, WEB, site.connection_body("azuretables", _IDENTITY))
    status = connection_status(site, id_) if answer.is_fine else ""
    told = {"status": answer.status, "code": answer.code, "connection": status}
    return Observation(answer.is_fine and status in ("Connected", "Ready"), told)


@TOPIC.statement(
    "put-keeps-consent",
    "A PUT of an Office 365 connection that a person has consented to leaves the consent.",
    otherwise="a `pulumi up` that changes anything of the connection ends the delivery of mails until somebody consents"
    " again",
    places=_OURS,
    needs=(Need.CONSENT,),
)
def put_keeps_consent(site: Site) -> Observation:
    """Puts the consented connection again with another display name, and reads its status."""
    connection = site.deployed.mail_connection
    before = connection_status(site, connection)
    if before != "Connected":
        return Observation(None, {"before": before}, "nobody has given the connection its consent")
    body = site.connection_body("office365", {"displayName": "Office 365 Outlook, put again"})
    answer = site.arm.call("PUT", connection, WEB, body)
    after = connection_status(site, connection)
    return Observation(after == "Connected", {"status": answer.status, "before": before, "after": after})
