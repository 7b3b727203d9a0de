"""How ARM itself refuses a call before a resource provider sees it, in Azure's codes and words.

Source: answers quoted in public issues of Azure's clients. Where Azure would serve what the local cloud does not, the
message says so: it never pretends.
"""

from __future__ import annotations

from collections.abc import Sequence

from localazure.arm.envelope import ArmError

NOT_SERVED = "The local cloud does not serve it; it serves: {}."


def missing_api_version() -> ArmError:
    return ArmError(
        400,
        "MissingApiVersionParameter",
        "The api-version query parameter (?api-version=) is required for all requests.",
    )


def invalid_api_version(version: str, supported: Sequence[str]) -> ArmError:
    """For ARM's own types: subscriptions, groups, providers."""
    return ArmError(
        400,
        "InvalidApiVersionParameter",
        f"The api-version '{version}' is invalid. The supported versions are '{','.join(supported)}'.",
    )


def no_registered_provider(version: str, location: str, kind: str, supported: Sequence[str]) -> ArmError:
    """For a resource type in a location. `kind` is the type without its namespace. Every location is supported here."""
    return ArmError(
        400,
        "NoRegisteredProviderFound",
        f"No registered resource provider found for location '{location}' and API version '{version}' for type "
        f"'{kind}'. The supported api-versions are '{', '.join(supported)}'. "
        f"The supported locations are '{location}'.",
    )


def invalid_resource_type(version: str, namespace: str, kind: str, supported: Sequence[str]) -> ArmError:
    """A known type asked for with an api-version that it does not have."""
    return ArmError(
        404,
        "InvalidResourceType",
        f"The resource type '{kind}' could not be found in the namespace '{namespace}' for api version '{version}'. "
        f"The supported api-versions are '{','.join(supported)}'.",
    )


def type_not_served(version: str, namespace: str, kind: str, served: Sequence[str]) -> ArmError:
    return ArmError(
        404,
        "InvalidResourceType",
        f"The resource type '{kind}' could not be found in the namespace '{namespace}' for api version '{version}'. "
        + NOT_SERVED.format(", ".join(served)),
    )


def namespace_not_served(namespace: str, served: Sequence[str]) -> ArmError:
    return ArmError(
        404,
        "InvalidResourceNamespace",
        f"The resource namespace '{namespace}' is invalid. " + NOT_SERVED.format(", ".join(served)),
    )


def path_not_served(method: str, path: str) -> ArmError:
    return ArmError(404, "NotFound", f"Nothing answers {method} {path}. The local cloud does not serve it.")


def method_not_served(method: str, served: Sequence[str]) -> ArmError:
    return ArmError(
        405,
        "MethodNotAllowed",
        f"The requested resource does not support http method '{method}'. " + NOT_SERVED.format(", ".join(served)),
    )


def subscription_not_found(subscription: str) -> ArmError:
    return ArmError(404, "SubscriptionNotFound", f"The subscription '{subscription}' could not be found.")


def group_not_found(group: str) -> ArmError:
    return ArmError(404, "ResourceGroupNotFound", f"Resource group '{group}' could not be found.")


def group_being_deleted(group: str) -> ArmError:
    return ArmError(
        409,
        "ResourceGroupBeingDeleted",
        f"The resource group '{group}' is in deprovisioning state and cannot perform this operation.",
    )


def resource_not_found(full_type: str, name: str, group: str) -> ArmError:
    """`full_type` is `Microsoft.Logic/workflows`, `name` the full name (`account/default/table`)."""
    return ArmError(
        404,
        "ResourceNotFound",
        f"The Resource '{_interleave(full_type, name)}' under resource group '{group}' was not found. "
        "For more details please go to https://aka.ms/ARMResourceNotFoundFix",
    )


def parent_not_found(full_type: str, name: str) -> ArmError:
    return ArmError(
        404,
        "ParentResourceNotFound",
        "Can not perform requested operation on nested resource. "
        f"Parent resource '{_interleave(full_type, name)}' not found.",
    )


def invalid_content(reason: str) -> ArmError:
    return ArmError(
        400,
        "InvalidRequestContent",
        f"The request content was invalid and could not be deserialized: '{reason}'.",
    )


def internal_error() -> ArmError:
    return ArmError(
        500,
        "InternalServerError",
        "The local cloud failed on this request. `localazure logs` shows where; please report it.",
    )


def disk_full() -> ArmError:
    return ArmError(
        507,
        "InsufficientStorage",
        "The disk that holds the local cloud's data folder is full: nothing was changed. Free some space, try again.",
    )


def _interleave(full_type: str, name: str) -> str:
    namespace, *types = full_type.split("/")
    pairs = "/".join(f"{kind}/{part}" for kind, part in zip(types, name.split("/"), strict=False))
    return f"{namespace}/{pairs}"
