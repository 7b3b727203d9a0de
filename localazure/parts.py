"""What a local cloud is made of, joined: store, resource providers, connectors, workflows, monitor, inbox."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.routing import BaseRoute

from localazure.arm.authorization import AuthorizationProvider
from localazure.arm.documents import Documents
from localazure.arm.insights import InsightsProvider
from localazure.arm.key_vault import KeyVaultProvider
from localazure.arm.logic import LogicProvider
from localazure.arm.managed_identity import ManagedIdentityProvider
from localazure.arm.operations import Operations
from localazure.arm.registration import Registrations
from localazure.arm.resource_ids import parse_id
from localazure.arm.resources import ResourceGroups
from localazure.arm.routing import Router
from localazure.arm.server import ResourceProvider, create_app
from localazure.arm.storage import StorageProvider
from localazure.arm.subscriptions import Subscriptions
from localazure.arm.web import WebProvider
from localazure.clock import Clock
from localazure.connectors.host import ConnectorHost
from localazure.connectors.http import connector_routes
from localazure.connectors.smtp_delivery import SmtpDelivery, SmtpServer
from localazure.credentials import SUBSCRIPTION_ID, TENANT_ID, Credentials
from localazure.data_folder import DataFolder
from localazure.federation import Federation
from localazure.identity import Identity
from localazure.inbox_page import InboxPage
from localazure.mailbox import Mailbox
from localazure.monitor.alerts import Alerts
from localazure.monitor.metrics import Metrics
from localazure.ports import HOST
from localazure.store import Store
from localazure.table_hosts import TableHosts
from localazure.workflows.endpoints import routes as workflow_routes
from localazure.workflows.runtime import WorkflowRuntime

if TYPE_CHECKING:
    from localazure.cloud import Settings


class Parts:
    """Made without starting anything; `start` and `stop` do that for what works in the background."""

    def __init__(
        self,
        folder: DataFolder,
        ports: Mapping[str, int],
        credentials: Credentials,
        settings: Settings,
        clock: Clock,
    ) -> None:
        self._ports = ports
        self.clock = clock
        self.store = Store(folder.database)
        self.documents = Documents(self.store)
        self.operations = Operations(self.store)
        self.managed_identities = ManagedIdentityProvider(self.documents)
        self.federation = Federation(self.managed_identities, clock)
        self.identity = Identity(credentials, clock, self.federation)
        self.mailbox = Mailbox(self.store, clock)
        self.metrics = Metrics(self.store)
        self.alerts = Alerts(self.store, self.documents, self.metrics, SmtpDelivery(self._inbox, clock).deliver, clock)
        self.web = WebProvider(
            self.documents,
            self._http,
            clock=clock,
            auto_consent=settings.auto_consent,
            put_drops_consent=settings.put_drops_consent,
        )
        self.hosts = TableHosts(folder.tables, folder.children)
        self.storage = StorageProvider(self.documents, self.operations, self.hosts, clock)
        self.connectors = ConnectorHost(
            self.web.connection,
            self.storage.table_account,
            self._inbox,
            base_url=self._http,
            clock=clock,
            deliver_smtp=settings.deliver_smtp,
        )
        self.runtime = WorkflowRuntime(self.store, self.connectors, clock, self.metrics, endpoint=self._http())
        self.runtime.http.tokens.managed_identity = self._token_for_workflow
        self.insights = InsightsProvider(self.documents, self.metrics, self.alerts, clock)
        self.groups = ResourceGroups(self.documents, self.operations, self._owners, self.insights.delete)
        self.authorization = AuthorizationProvider(self.documents, clock)
        self.registrations = Registrations(self.documents)
        self.providers = self._providers()

    def arm_app(self) -> Starlette:
        """ARM, tokens and metadata: what the HTTPS port serves."""
        return create_app(
            self.providers,
            self.identity,
            self.documents,
            [SUBSCRIPTION_ID],
            open_routes=self.identity.routes(),
            rules=[*self.authorization.rules, self.registrations],
        )

    def http_routes(self) -> list[BaseRoute]:
        """The inbox page, connectors, consent page and callback addresses: what the HTTP port serves."""
        page = InboxPage(self.mailbox, lambda: f"{HOST}:{self._ports['smtp']}")
        connectors = connector_routes(self.connectors, self.web.connection, self.identity.accepts)
        return [*connectors, *workflow_routes(self.runtime), *self.web.page_routes(), *page.routes()]

    async def start(self, smtp: socket.socket) -> None:
        """Start what works in the background; `smtp` is where the inbox listens. The workflows come last: their
        connectors must answer already."""
        await self.mailbox.start(smtp)
        await self.storage.start()
        self.groups.resume()
        self.metrics.expire(self.clock.now())
        await self.alerts.start()
        await self.runtime.start()

    async def stop(self) -> None:
        """Stop it again; what must survive is on disk when this returns."""
        await self.runtime.stop()
        await self.alerts.stop()
        await self.operations.stop()
        await self.connectors.close()
        await self.storage.stop()
        await self.mailbox.stop()

    def _token_for_workflow(self, audience: str) -> str:
        """What a managed identity gets: a token that this cloud's own services accept."""
        return self.identity.issue(audience, f"https://sts.windows.net/{TENANT_ID}/")

    def _http(self) -> str:
        return f"http://{HOST}:{self._ports['http']}"

    def _inbox(self) -> SmtpServer:
        return SmtpServer(HOST, self._ports["smtp"])

    def _providers(self) -> list[ResourceProvider]:
        served: list[ResourceProvider] = [
            self.groups,
            self.storage,
            self.web,
            LogicProvider(self.documents, self.runtime, TENANT_ID),
            self.insights,
            self.authorization,
            self.managed_identities,
            KeyVaultProvider(self.documents, self.clock),
        ]
        catalogue = Router([route for provider in served for route in provider.routes()]).all_types
        subscriptions = Subscriptions(self.documents, TENANT_ID, SUBSCRIPTION_ID, catalogue, self.registrations)
        return [subscriptions, *served]

    def _owners(self) -> dict[str, Any]:
        """Which provider must be told when a resource of a namespace goes with its group."""
        found: dict[str, Any] = {}
        for provider in self.providers:
            namespaces = {parse_id(route.template).namespace.lower() for route in provider.routes()}
            if hasattr(provider, "delete") and provider is not self.insights:
                found.update(dict.fromkeys(namespaces - {""}, provider))
        return found
