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
