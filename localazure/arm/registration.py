"""Which provider namespaces the subscription is registered for. All are, until somebody unregisters one.

A new Azure subscription starts the other way round: by unregistering, a deployment can be tried as it meets one.
Source: Microsoft's page "Azure resource providers and types"; refusals quoted in public issues.
"""

from __future__ import annotations

from localazure.arm.documents import Documents
from localazure.arm.envelope import ArmError
from localazure.arm.rules import Call
from localazure.credentials import SUBSCRIPTION_ID

TYPE = "Microsoft.Resources/registrations"
_FREE = ("microsoft.resources", "microsoft.authorization")


class Registrations:
    """The state of each namespace, and the rule that an unregistered one takes no changes."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    def state(self, namespace: str) -> str:
        """`Registered` or `Unregistered`."""
        return "Unregistered" if self._documents.get(_id(namespace)) else "Registered"

    def register(self, namespace: str) -> None:
        """Register the subscription (again)."""
        self._documents.delete(_id(namespace))

    def unregister(self, namespace: str) -> None:
        """Raises `ArmError` for what every subscription is registered for, and for what still has resources."""
        if namespace.lower() in _FREE:
            message = f"The resource namespace '{namespace}' cannot be unregistered."
            raise ArmError(409, "CannotUnregisterRegistrationFreeResourceProvider", message)
        used = [
            item["id"] for item in self._documents.list() if f"/providers/{namespace}/".lower() in item["id"].lower()
        ]
        if used:
            raise ArmError(
                409,
                "CannotUnregisterResourceProviderWithExistingResources",
                f"Cannot unregister the resource namespace '{namespace}': it still has {', '.join(used)}.",
            )
        document = {"id": _id(namespace), "name": namespace, "type": TYPE}
        self._documents.put(document["id"], TYPE, document)

    def check(self, call: Call) -> None:
        """Raise `ArmError` 409 MissingSubscriptionRegistration for a change in an unregistered namespace."""
        namespace = call.wanted.namespace
        if call.method not in ("PUT", "PATCH", "POST") or not (namespace and call.wanted.group):
            return
        if self.state(namespace) == "Unregistered":
            raise _missing(namespace)


def _missing(namespace: str) -> ArmError:
    message = (
        f"The subscription is not registered to use namespace '{namespace}'. See https://aka.ms/rps-not-found for how "
        "to register subscriptions."
    )
    detail = {"code": "MissingSubscriptionRegistration", "target": namespace, "message": message}
    return ArmError(409, detail["code"], message, details=[detail])


def _id(namespace: str) -> str:
    return f"/subscriptions/{SUBSCRIPTION_ID}/providers/{namespace}"
