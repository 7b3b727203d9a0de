"""Invoke: `get<Resource>` (GET), `list…` (POST) and who the client is. Source: azure-native `Invoke`."""

from __future__ import annotations

import base64
import json
from typing import Any

from localazure.pulumi_provider.arm_client import ArmClient, Deadline
from localazure.pulumi_provider.arm_errors import ArmCallError
from localazure.pulumi_provider.configuration import Configuration
from localazure.pulumi_provider.convert import Converter
from localazure.pulumi_provider.operations import address
from localazure.pulumi_provider.schema import Function
from localazure.pulumi_provider.values import Json

CLIENT_CONFIG = "azure-native:authorization:getClientConfig"
CLIENT_TOKEN = "azure-native:authorization:getClientToken"  # noqa: S105 - the name of a function


class Functions:
    """The functions under one configuration."""

    def __init__(self, configuration: Configuration, client: ArmClient, converter: Converter) -> None:
        self._configuration = configuration
        self._client = client
        self._converter = converter

    def call(self, function: Function, arguments: Json, deadline: Deadline) -> Json:
        """The modelled results of a function."""
        subscription = self._configuration.subscription_id
        path, query = address(function.path, function.parameters, arguments, subscription, function.api_version)
        try:
            answer = self._ask(function, path, query, arguments, deadline)
        except ArmCallError as failure:
            raise ArmCallError(f"request failed {path}: {failure}") from failure
        if not isinstance(answer, dict):
            return {"value": answer}
        outputs = self._converter.to_outputs(function.outputs, answer)
        return outputs | ({"azureApiVersion": function.api_version} if function.method == "GET" else {})

    def client_config(self, deadline: Deadline) -> Json:
        """Who asks: from the claims of the token, else from the configuration."""
        claims = _claims(self._client.token(deadline))
        return {
            "clientId": claims.get("appid") or self._configuration.client_id,
            "objectId": claims.get("oid") or "",
            "subscriptionId": self._configuration.subscription_id,
            "tenantId": claims.get("tid") or self._configuration.tenant_id,
        }

    def client_token(self, deadline: Deadline) -> Json:
        """The token itself."""
        return {"token": self._client.token(deadline)}

    def _ask(self, function: Function, path: str, query: Json, arguments: Json, deadline: Deadline) -> Any:
        if function.method == "GET":
            return self._client.get(path, function.api_version, deadline)
        return self._client.post(path, query, self._converter.to_request(function.body, arguments), deadline)


def _claims(token: str) -> Json:
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (IndexError, ValueError):
        return {}
    return claims if isinstance(claims, dict) else {}
