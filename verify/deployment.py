"""What Pulumi deployed: whether it stays as it is, and whether it does its work."""

from __future__ import annotations

import random
from datetime import UTC, datetime

from leads.samples import Kind, sample_row
from leads.table import LeadTable
from verify.site import Json, Site, Workflow
from verify.statement import Need, Observation, Topic
from verify.tables import connection_status

TOPIC = Topic("The deployed stack")

_PLACES = ("notifier/documented.py", "scripts/seed_lead.py")


@TOPIC.statement(
    "no-drift-after-deploy",
    "Right after a deployment, `pulumi refresh` finds nothing changed.",
    otherwise="the nightly drift detection cries wolf",
    places=("scripts/pipeline.py", "docs/pipeline.md"),
)
def no_drift_after_deploy(site: Site) -> Observation:
    """Compares the deployed resources with the state, without changing it."""
    if site.engine is None:
        return Observation(None, {}, "the stack was not deployed by Pulumi")
    changes = site.engine.drift()
    return Observation(not changes, {"changes": changes})


@TOPIC.statement(
    "second-up-changes-nothing",
    "A second `pulumi up` has nothing to do.",
    otherwise="every deployment writes over resources that nobody changed, the consented connection among them",
    places=("__main__.py", "docs/pipeline.md"),
)
def second_up_changes_nothing(site: Site) -> Observation:
    """Has Pulumi compare the program with the state."""
    if site.engine is None:
        return Observation(None, {}, "the stack was not deployed by Pulumi")
    changes = site.engine.pending()
    return Observation(not changes, {"changes": changes})


@TOPIC.statement(
    "flow-reads-a-lead",
    "The flow that we deploy runs on Azure as it is, and its Get entities returns a lead that was just written"
    " (`AccountNameFromSettings` and the doubly encoded account in the path included).",
    otherwise="the flow has to be exported from the portal and compared",
    places=_PLACES,
)
def flow_reads_a_lead(site: Site) -> Observation:
    """Puts a sample lead into the lead table, runs the flow, and looks for the lead in what Get_entities returned."""
    workflow, run, key = _run_with_lead(site)
    action = workflow.action(run, "Get_entities")
    rows = ((action.get("outputs") or {}).get("body") or {}).get("value") or []
    found = key in [row.get("RowKey") for row in rows]
    return Observation(found, {"action": action["status"], "code": action.get("code"), "found": found})


@TOPIC.statement(
    "flow-mails-a-lead",
    "The flow that we deploy mails a lead through an Office 365 connection that a person has consented to.",
    otherwise="nobody hears of new leads",
    places=_PLACES,
    needs=(Need.CONSENT,),
)
def flow_mails_a_lead(site: Site) -> Observation:
    """Puts a sample lead into the lead table, runs the flow, and looks whether Send_an_email succeeded."""
    if (status := connection_status(site, site.deployed.mail_connection)) != "Connected":
        return Observation(None, {"connection": status}, "nobody has given the connection its consent")
    workflow, run, _ = _run_with_lead(site)
    action = workflow.action(run, "Send_an_email")
    return Observation(action["status"] == "Succeeded", {"action": action["status"], "code": action.get("code")})


def _run_with_lead(site: Site) -> tuple[Workflow, Json, str]:
    """The deployed flow, its run that began after a lead was written, and the lead's RowKey."""
    row = sample_row(Kind.TEST, datetime.now(UTC), random.Random())  # noqa: S311 - a sample's name and number
    with LeadTable(site.deployed.connection_string, site.deployed.table) as table:
        key = table.insert(row).key
        workflow = Workflow(site, site.deployed.workflow)
        before = {run["name"] for run in workflow.runs()}
        workflow.fire().needed("running the flow")
        run = workflow.finished(but=before)[0]
        table.delete(key)
    return workflow, run, key[1]
