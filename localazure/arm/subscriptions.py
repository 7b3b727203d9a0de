"""Microsoft.Resources, what surrounds the groups: tenants, subscriptions, regions, registration, all resources."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from localazure.arm import refusals
from localazure.arm.documents import Documents
from localazure.arm.envelope import ArmRequest, ArmResponse, Route
from localazure.arm.filters import ResourceFilter
from localazure.arm.lists import page_of
from localazure.arm.regions import PAIRED, REGIONS
from localazure.arm.registration import Registrations
from localazure.arm.resource_ids import parse_id
from localazure.arm.versions import RESOURCES

Catalogue = Callable[[], Mapping[str, tuple[str, ...]]]
_SUBSCRIPTION = "/subscriptions/{subscription}"
# What the list of all resources shows of each. Source: GenericResourceExpanded in azure-rest-api-specs.
_SHOWN = ("id", "name", "type", "kind", "sku", "managedBy", "location", "tags", "identity", "plan", "extendedLocation")


class Subscriptions:
    """One tenant with one subscription. `catalogue` gives every resource type that is served and its api-versions."""

    def __init__(
        self,
        documents: Documents,
        tenant: str,
        subscription: str,
        catalogue: Catalogue,
        registrations: Registrations | None = None,
    ) -> None:
        self._documents = documents
        self._tenant = tenant
        self._subscription = subscription
        self._catalogue = catalogue
        self._registrations = registrations or Registrations(documents)

    def routes(self) -> list[Route]:
        """Reads, and registration of a provider namespace (which is registered until somebody unregisters it)."""
        provider = _SUBSCRIPTION + "/providers/{namespace}"
        served = [
            ("GET", "/tenants", self._tenants),
            ("GET", "/subscriptions", self._subscriptions),
            ("GET", _SUBSCRIPTION, self._one_subscription),
            ("GET", _SUBSCRIPTION + "/locations", self._locations),
            ("GET", "/providers", self._providers),
            ("GET", _SUBSCRIPTION + "/providers", self._providers),
            ("GET", provider, self._provider),
            ("POST", provider + "/register", self._register),
            ("POST", provider + "/unregister", self._unregister),
            ("GET", _SUBSCRIPTION + "/resources", self._resources),
            ("GET", _SUBSCRIPTION + "/resourceGroups/{group}/resources", self._resources),
        ]
        return [Route(method, template, handler, RESOURCES) for method, template, handler in served]

    def _tenants(self, request: ArmRequest) -> ArmResponse:
        tenant = {"id": f"/tenants/{self._tenant}", "tenantId": self._tenant, "displayName": "localazure"}
        return page_of(request, [tenant])

    def _subscriptions(self, request: ArmRequest) -> ArmResponse:
        return page_of(request, [self._describe()])

    def _one_subscription(self, _: ArmRequest) -> ArmResponse:
        return ArmResponse(self._describe())

    def _describe(self) -> dict[str, Any]:
        return {
            "id": f"/subscriptions/{self._subscription}",
            "subscriptionId": self._subscription,
            "tenantId": self._tenant,
            "displayName": "localazure",
            "state": "Enabled",
            "authorizationSource": "RoleBased",
            "managedByTenants": [],
            "subscriptionPolicies": {"spendingLimit": "Off", "quotaId": "Local_2026", "locationPlacementId": "Public"},
        }

    def _locations(self, request: ArmRequest) -> ArmResponse:
        return page_of(request, [self._location(name) for name in REGIONS])

    def _location(self, name: str) -> dict[str, Any]:
        root = f"/subscriptions/{self._subscription}/locations"
        pair = [{"name": PAIRED[name], "id": f"{root}/{PAIRED[name]}"}] if name in PAIRED else []
        return {
            "id": f"{root}/{name}",
            "name": name,
            "type": "Region",
            "displayName": REGIONS[name],
            "regionalDisplayName": REGIONS[name],
            "metadata": {"regionType": "Physical", "pairedRegion": pair},
        }

    def _providers(self, request: ArmRequest) -> ArmResponse:
        namespaces = sorted({name.split("/")[0] for name in self._catalogue()})
        return page_of(request, [self._describe_provider(namespace) for namespace in namespaces])

    def _provider(self, request: ArmRequest) -> ArmResponse:
        return ArmResponse(self._describe_provider(self._namespace(request)))

    def _register(self, request: ArmRequest) -> ArmResponse:
        self._registrations.register(self._namespace(request))
        return self._provider(request)

    def _unregister(self, request: ArmRequest) -> ArmResponse:
        self._registrations.unregister(self._namespace(request))
        return self._provider(request)

    def _namespace(self, request: ArmRequest) -> str:
        wanted = request.parameters["namespace"]
        namespaces = sorted({name.split("/")[0] for name in self._catalogue()})
        found = next((name for name in namespaces if name.lower() == wanted.lower()), None)
        if found is None:
            raise refusals.namespace_not_served(wanted, namespaces)
        return found

    def _describe_provider(self, namespace: str) -> dict[str, Any]:
        types = {name: versions for name, versions in self._catalogue().items() if name.startswith(namespace + "/")}
        return {
            "id": f"/subscriptions/{self._subscription}/providers/{namespace}",
            "namespace": namespace,
            "registrationPolicy": "RegistrationRequired",
            "registrationState": self._registrations.state(namespace),
            "resourceTypes": [_describe_type(name, versions) for name, versions in types.items()],
        }

    def _resources(self, request: ArmRequest) -> ArmResponse:
        under = request.path.rsplit("/", 1)[0]
        group = request.parameters.get("group")
        if group is not None and self._documents.get(under) is None:
            raise refusals.group_not_found(group)
        keep = ResourceFilter(request.query.get("$filter", ""))
        found = [_shown(document) for document in self._documents.list(under=under) if _is_tracked(document)]
        return page_of(request, [resource for resource in found if keep(resource)])


def _describe_type(name: str, versions: tuple[str, ...]) -> dict[str, Any]:
    return {
        "resourceType": name.split("/", 1)[1],
        "locations": list(REGIONS.values()),
        "apiVersions": list(versions),
        "capabilities": "SupportsTags, SupportsLocation",
    }


def _is_tracked(document: Mapping[str, Any]) -> bool:
    return "location" in document and bool(parse_id(str(document["id"])).types)


def _shown(document: Mapping[str, Any]) -> dict[str, Any]:
    return {key: document[key] for key in _SHOWN if key in document}
