"""What the run history tells, and how it is read."""

from __future__ import annotations

from verify.site import Json, Site, compose
from verify.statement import Observation, Topic

TOPIC = Topic("The run history")

_RUNS = "localazure/arm/logic_runs.py"
_SHAPES = "localazure/arm/logic_shapes.py"
_ACTIONS: Json = {"Note": compose("@utcNow()")}


@TOPIC.statement(
    "runs-come-by-page",
    "`$top` limits a page of runs, and a `nextLink` leads to the rest.",
    otherwise="`manage_flow.py runs` reads more than it shows, or less than there is",
    places=("leads/runs.py", "localazure/arm/logic_filters.py"),
)
def runs_come_by_page(site: Site) -> Observation:
    """Has three runs and reads them one a page."""
    workflow = site.deploy(_ACTIONS)
    workflow.fire()
    workflow.fire()
    number = len(workflow.finished(2))
    pages = [len(page) for page in site.arm.pages(f"{workflow.id}/runs", "2019-05-01", **{"$top": "1"})]
    told = {"runs": number, "rowsOnPages": pages}
    return Observation(max(pages) == 1 and sum(pages) >= number, told)


@TOPIC.statement(
    "runs-250-a-page",
    "A page of runs may be asked to have 250 (`$top=250`).",
    otherwise="`manage_flow.py runs` is refused and has to ask for smaller pages",
    places=("leads/runs.py",),
)
def runs_250_a_page(site: Site) -> Observation:
    """Asks for the runs of a workflow, 250 a page."""
    answer = site.deploy(_ACTIONS).get("runs", **{"$top": "250"})
    return Observation(answer.is_fine, {"status": answer.status, "code": answer.code})


@TOPIC.statement(
    "finished-is-not-cancelled",
    "Cancelling a run that has ended is refused with 400 `WorkflowRunCanNotBeCancelled`.",
    otherwise="`manage_flow.py cancel` explains the refusal by the wrong code",
    places=("leads/arm_errors.py", _RUNS),
)
def finished_is_not_cancelled(site: Site) -> Observation:
    """Cancels a run that has ended."""
    workflow = site.deploy(_ACTIONS)
    run = workflow.finished()[0]
    answer = workflow.post(f"runs/{run['name']}/cancel")
    told = {"status": answer.status, "code": answer.code}
    return Observation(told == {"status": 400, "code": "WorkflowRunCanNotBeCancelled"}, told)


@TOPIC.statement(
    "secured-link-has-no-address",
    "The link to secured inputs or outputs has `secureData` and no `uri`.",
    otherwise="the scripts take secured contents for missing ones",
    places=("leads/flow.py", _SHAPES),
)
def secured_link_has_no_address(site: Site) -> Observation:
    """Runs a Compose with secured inputs and looks at the link to them."""
    secure = {"runtimeConfiguration": {"secureData": {"properties": ["inputs"]}}}
    workflow = site.deploy({"Note": {**compose("a secret"), **secure}})
    link = workflow.action(workflow.finished()[0], "Note").get("inputsLink") or {}
    return Observation("secureData" in link and "uri" not in link, {"link": sorted(link)})


@TOPIC.statement(
    "nested-repetitions-are-named",
    "Repetitions of an action inside two loops are named by both places: `000000-000001`.",
    otherwise="the local cloud names them otherwise than Azure",
    places=(_SHAPES,),
)
def nested_repetitions_are_named(site: Site) -> Observation:
    """Runs a loop of two inside a loop of two and lists the repetitions of the inner action."""
    inner = {"type": "Foreach", "foreach": "@createArray(1, 2)", "actions": _ACTIONS, "runAfter": {}}
    outer = {"type": "Foreach", "foreach": "@createArray(1, 2)", "actions": {"Inner": inner}, "runAfter": {}}
    workflow = site.deploy({"Outer": outer})
    run = workflow.finished()[0]
    path = f"{workflow.id}/runs/{run['name']}/actions/Note/repetitions"
    names = sorted(one["name"] for one in site.arm.list(path, "2019-05-01"))
    wanted = [f"{first:06}-{second:06}" for first in range(2) for second in range(2)]
    return Observation(names == wanted, {"names": names})


@TOPIC.statement(
    "empty-loop-children",
    "The actions inside a Foreach over an empty array are not in the list of the run's actions.",
    otherwise="the local cloud leaves out what Azure lists",
    places=(_SHAPES,),
)
def empty_loop_children(site: Site) -> Observation:
    """Runs a loop over nothing and lists the actions of the run."""
    loop = {"type": "Foreach", "foreach": "@json('[]')", "actions": _ACTIONS, "runAfter": {}}
    workflow = site.deploy({"Loop": loop})
    run = workflow.finished()[0]
    listed = site.arm.list(f"{workflow.id}/runs/{run['name']}/actions", "2019-05-01")
    told = {str(one["name"]): str(one["properties"]["status"]) for one in listed}
    return Observation(told == {"Loop": "Succeeded"}, {"actions": told})
