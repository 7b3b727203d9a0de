"""What bootstrap makes, as data: each item's id and body, in the order in which they need each other."""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from scripts import _bootstrap_roles as roles
from scripts._arm import Json
from scripts._github import AUDIENCE, ISSUER

GROUPS, STORAGE, LOCKS, VAULTS = "2021-04-01", "2024-01-01", "2020-05-01", "2023-07-01"
IDENTITIES, AUTHORIZATION = "2023-01-31", "2022-04-01"
CONTAINER, KEY = "pulumi-state", "pulumi-secrets"
_NAMESPACE = uuid.UUID("5a3f9f6e-6d0c-4b57-9d43-0b5f0f1c2ad1")
Made = Mapping[str, Json]
T = TypeVar("T")


@dataclass(frozen=True)
class Person:
    """Who works with the stacks from a machine of their own. `kind` is `User` or `ServicePrincipal`."""

    id: str
    kind: str


@dataclass(frozen=True)
class Wanted:
    """The command line, checked. `prefix` is what the subjects of the repository's tokens begin with."""

    subscription: str
    tenant: str
    name: str
    location: str
    sku: str
    prefix: str
    environments: tuple[str, ...]
    branch: str
    person: Person | None = None


@dataclass(frozen=True)
class Item:
    """One thing. `id` and `body` are made of what is there already; `needs` names what that has to be.

    `once`: never changed after it was made. `deleted`: where a deleted one is found that can be recovered.
    """

    key: str
    title: str
    version: str
    id: Callable[[Made], str]
    body: Callable[[Made], Json]
    needs: tuple[str, ...] = ()
    once: bool = False
    deleted: str = ""


@dataclass(frozen=True)
class Plan:
    """The items of what is wanted, and the names they have."""

    wanted: Wanted

    @property
    def scope(self) -> str:
        """The id of the subscription."""
        return f"/subscriptions/{self.wanted.subscription}"

    @property
    def group(self) -> str:
        """The id of the resource group that holds everything but the roles."""
        return f"{self.scope}/resourceGroups/{self.wanted.name}-bootstrap"

    @property
    def account(self) -> str:
        """The id of the state's account: a global name, made unique by the subscription."""
        return f"{self.group}/providers/Microsoft.Storage/storageAccounts/{self._stem}state{self._suffix}"

    @property
    def container(self) -> str:
        return f"{self.account}/blobServices/default/containers/{CONTAINER}"

    @property
    def vault(self) -> str:
        """The id of the vault; its name is global too."""
        return f"{self.group}/providers/Microsoft.KeyVault/vaults/{self._stem}-{self._suffix}"

    @property
    def deleted_vault(self) -> str:
        """Where the vault is found for as long as it can be recovered."""
        provider = f"{self.scope}/providers/Microsoft.KeyVault"
        return f"{provider}/locations/{self.wanted.location}/deletedVaults/{name_of(self.vault)}"

    def identity(self, use: str) -> str:
        """The id of the identity for `deploy` or `preview`."""
        provider = f"{self.group}/providers/Microsoft.ManagedIdentity"
        return f"{provider}/userAssignedIdentities/{self.wanted.name}-{use}"

    def items(self) -> Iterator[Item]:
        """Everything, in order."""
        yield from self._state()
        yield from self._secrets()
        for use in ("preview", "deploy"):
            yield self._identity(use)
            yield from self._credentials(use)
            yield self._role(use)
        yield from self._assignments()

    def _state(self) -> Iterator[Item]:
        yield _fixed("group", "resource group", GROUPS, self.group, self._tagged({}))
        yield _fixed(
            "account", "storage account of the state", STORAGE, self.account, self._tagged(self._account_body())
        )
        keep = {"enabled": True, "days": 30}
        kept = {"isVersioningEnabled": True, "deleteRetentionPolicy": keep, "containerDeleteRetentionPolicy": keep}
        service = f"{self.account}/blobServices/default"
        yield _fixed("service", "versions and undelete of the state", STORAGE, service, {"properties": kept})
        yield _fixed(
            "container", "container of the state", STORAGE, self.container, {"properties": {"publicAccess": "None"}}
        )
        yield self._lock("account", self.account, "Whoever deletes it loses the state of every stack.")

    def _account_body(self) -> Json:
        properties = {
            "minimumTlsVersion": "TLS1_2",
            "supportsHttpsTrafficOnly": True,
            "allowBlobPublicAccess": False,
            "allowSharedKeyAccess": False,
            "allowCrossTenantReplication": False,
        }
        return {"kind": "StorageV2", "sku": {"name": self.wanted.sku}, "properties": properties}

    def _secrets(self) -> Iterator[Item]:
        properties = {
            "tenantId": self.wanted.tenant,
            "sku": {"family": "A", "name": "standard"},
            "accessPolicies": [],
            "enableRbacAuthorization": True,
            "enablePurgeProtection": True,
        }
        body = self._tagged({"properties": properties})
        yield Item("vault", "key vault", VAULTS, _always(self.vault), _always(body), deleted=self.deleted_vault)
        key = {"properties": {"kty": "RSA", "keySize": 3072, "keyOps": ["encrypt", "decrypt"]}}
        yield Item("key", "key of the secrets", VAULTS, _always(f"{self.vault}/keys/{KEY}"), _always(key), once=True)
        yield self._lock("vault", self.vault, "Without its key no secret of any stack can be read again.")

    def _identity(self, use: str) -> Item:
        return _fixed(use, f"identity of the pipeline's {use}", IDENTITIES, self.identity(use), self._tagged({}))

    def _credentials(self, use: str) -> Iterator[Item]:
        for name, subject in self.subjects(use).items():
            id_ = f"{self.identity(use)}/federatedIdentityCredentials/{name}"
            properties = {"issuer": ISSUER, "subject": subject, "audiences": [AUDIENCE]}
            yield _fixed(name, f"trust in {subject}", IDENTITIES, id_, {"properties": properties})

    def subjects(self, use: str) -> dict[str, str]:
        """The subjects that an identity trusts, by the name of their credential.

        Deployments run in GitHub environments, whose protection (reviewers) so guards the identity; pull requests and
        the nightly look for drift on the branch only preview.
        """
        prefix = self.wanted.prefix
        if use == "deploy":
            return {
                _credential_name("environment", each): f"{prefix}:environment:{each}"
                for each in self.wanted.environments
            }
        branch = self.wanted.branch
        return {
            "github-pull-request": f"{prefix}:pull_request",
            _credential_name("branch", branch): f"{prefix}:ref:refs/heads/{branch}",
        }

    def _role(self, use: str) -> Item:
        actions = roles.DEPLOYER if use == "deploy" else roles.PREVIEWER
        permission = {"actions": list(actions), "notActions": [], "dataActions": [], "notDataActions": []}
        properties = {
            "roleName": f"{self.wanted.name} {use} ({self.wanted.subscription})",
            "description": f"What the pipeline of {self.wanted.name} needs to {use}.",
            "type": "CustomRole",
            "assignableScopes": [self.scope],
            "permissions": [permission],
        }
        return _fixed(f"{use} role", f"role to {use}", AUTHORIZATION, self.role(use), {"properties": properties})

    def role(self, use: str) -> str:
        """The id of the custom role of an identity."""
        name = uuid.uuid5(_NAMESPACE, f"{self.scope}/{self.wanted.name}/{use}")
        return self._role_id(str(name))

    def _role_id(self, name: str) -> str:
        return f"{self.scope}/providers/Microsoft.Authorization/roleDefinitions/{name}"

    def _assignments(self) -> Iterator[Item]:
        blobs = {"deploy": roles.BLOB_CONTRIBUTOR, "preview": roles.BLOB_READER}
        for use, blob_role in blobs.items():
            yield self._assignment(f"{use}s in the subscription", self.scope, self.role(use), use)
            yield self._assignment(f"{use}'s use of the state", self.container, self._role_id(blob_role), use)
            yield self._assignment(f"{use}'s use of the key", self._key, self._role_id(roles.CRYPTO_USER), use)
        if self.wanted.person:
            yield self._own("your use of the state", self.container, roles.BLOB_CONTRIBUTOR, self.wanted.person)
            yield self._own("your use of the key", self._key, roles.CRYPTO_USER, self.wanted.person)

    @property
    def _key(self) -> str:
        return f"{self.vault}/keys/{KEY}"

    def _assignment(self, title: str, scope: str, role: str, use: str) -> Item:
        """A role of an identity, which must be there first."""

        def assigned(made: Made) -> _Assigned:
            return _Assigned(scope, role, made[use]["properties"]["principalId"], "ServicePrincipal")

        name = f"role assignment: {title}"
        return Item(
            title, name, AUTHORIZATION, lambda made: assigned(made).id, lambda made: assigned(made).body, (use,)
        )

    def _own(self, title: str, scope: str, role: str, person: Person) -> Item:
        assigned = _Assigned(scope, self._role_id(role), person.id, person.kind)
        return _fixed(title, f"role assignment: {title}", AUTHORIZATION, assigned.id, assigned.body)

    def _lock(self, what: str, scope: str, why: str) -> Item:
        id_ = f"{scope}/providers/Microsoft.Authorization/locks/keep"
        body = {"properties": {"level": "CanNotDelete", "notes": why}}
        return _fixed(f"{what} lock", f"lock on the {what}", LOCKS, id_, body)

    def _tagged(self, body: Json) -> Json:
        return {"location": self.wanted.location, "tags": {"project": self.wanted.name, "purpose": "bootstrap"}, **body}

    @property
    def _stem(self) -> str:
        return re.sub("[^a-z]", "", self.wanted.name.split("-")[0].lower())[:11] or "leads"

    @property
    def _suffix(self) -> str:
        return hashlib.sha256(f"{self.scope}/{self.wanted.name}".encode()).hexdigest()[:8]


@dataclass(frozen=True)
class _Assigned:
    """A role assignment. Its name follows from the rest, so that it is made once."""

    scope: str
    role: str
    principal: str
    kind: str

    @property
    def id(self) -> str:
        name = uuid.uuid5(_NAMESPACE, f"{self.scope}|{self.role}|{self.principal}".lower())
        return f"{self.scope}/providers/Microsoft.Authorization/roleAssignments/{name}"

    @property
    def body(self) -> Json:
        return {
            "properties": {"roleDefinitionId": self.role, "principalId": self.principal, "principalType": self.kind}
        }


def name_of(id_: str) -> str:
    """The last part of an id."""
    return id_.rsplit("/", 1)[-1]


def _fixed(key: str, title: str, version: str, id_: str, body: Json) -> Item:
    return Item(key, title, version, _always(id_), _always(body))


def _always(value: T) -> Callable[[Made], T]:
    return lambda _: value


def _credential_name(kind: str, name: str) -> str:
    return f"github-{kind}-{re.sub('[^A-Za-z0-9]+', '-', name)}"[:120].rstrip("-")
