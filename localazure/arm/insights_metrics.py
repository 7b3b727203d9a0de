"""Reading metrics: values, definitions, namespaces of a resource.

Errors of these calls are flat, `{"code", "message"}`, unlike the rest of ARM (azure-sdk-for-net #29584).
Source: azure-rest-api-specs, Microsoft.Insights 2024-02-01 (metrics_API, metricDefinitions_API).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from localazure.arm import refusals
from localazure.arm.documents import Documents
from localazure.arm.envelope import ArmRequest, ArmResponse, Route
from localazure.arm.resource_ids import parse_id
from localazure.clock import Clock
from localazure.monitor.catalogue import MetricDefinition, definition, definitions
from localazure.monitor.metrics import RETENTION, Bucket, Metrics
from localazure.monitor.rules import AGGREGATIONS, GRAINS

VERSIONS = ("2024-02-01", "2023-10-01", "2021-05-01", "2019-07-01", "2018-01-01")
_SCOPE = "/{resourceUri}/providers/Microsoft.Insights"


class _QueryError(Exception):
    """What is wrong with a query."""


class MetricReads:
    """The routes below any resource."""

    def __init__(self, documents: Documents, metrics: Metrics, clock: Clock) -> None:
        self._documents = documents
        self._metrics = metrics
        self._clock = clock

    def routes(self) -> list[Route]:
        """What ARM serves."""
        table = [
            ("metrics", self._values),
            ("metricDefinitions", self._definitions),
            ("metricNamespaces", self._namespaces),
        ]
        return [Route("GET", f"{_SCOPE}/{name}", handler, VERSIONS) for name, handler in table]

    def _values(self, request: ArmRequest) -> ArmResponse:
        resource = self._resource(request)
        try:
            return ArmResponse(self._answer(resource, request))
        except _QueryError as error:
            return ArmResponse({"code": "BadRequest", "message": str(error)}, 400)

    def _answer(self, resource: dict[str, Any], request: ArmRequest) -> dict[str, Any]:
        namespace = request.query.get("metricnamespace") or str(resource["type"])
        start, end = self._timespan(request.query.get("timespan"))
        interval_name, interval = _interval(request.query.get("interval"), end - start)
        metrics = _wanted(request.query.get("metricnames"), namespace)
        if request.query.get("$filter"):
            raise _QueryError("The metrics of the local cloud have no dimensions; leave $filter out.")
        value = [self._metric(resource, metric, request, start, end, interval) for metric in metrics]
        minutes = max(1, int((end - start) / timedelta(minutes=1)))
        return {
            "cost": (minutes - 1) * len(metrics),
            "timespan": f"{_stamp(start)}/{_stamp(end)}",
            "interval": interval_name,
            "value": value,
            "namespace": namespace.lower() if namespace != resource["type"] else resource["type"],
            "resourceregion": resource.get("location", "global"),
        }

    def _metric(
        self,
        resource: dict[str, Any],
        metric: MetricDefinition,
        request: ArmRequest,
        start: datetime,
        end: datetime,
        interval: timedelta | None,
    ) -> dict[str, Any]:
        aggregations = _aggregations(request.query.get("aggregation"), metric)
        buckets = self._metrics.query(resource["id"], metric.name, start, end, interval)
        data = [_point(bucket, aggregations, metric) for bucket in buckets]
        series: dict[str, Any] = {"metadatavalues": []}
        if (request.query.get("resulttype") or "data").lower() == "data":
            series["data"] = data
        return {
            "id": f"{resource['id']}/providers/Microsoft.Insights/metrics/{metric.name}",
            "type": "Microsoft.Insights/metrics",
            "name": {"value": metric.name, "localizedValue": metric.display_name},
            "displayDescription": f"{metric.display_name}.",
            "unit": metric.unit,
            "timeseries": [series],
            "errorCode": "Success",
        }

    def _definitions(self, request: ArmRequest) -> ArmResponse:
        resource = self._resource(request)
        namespace = str(resource["type"])
        return ArmResponse({"value": [_definition(resource["id"], namespace, item) for item in definitions(namespace)]})

    def _namespaces(self, request: ArmRequest) -> ArmResponse:
        resource = self._resource(request)
        namespace = str(resource["type"])
        name = namespace.replace("/", "-")
        item = {
            "id": f"{resource['id']}/providers/microsoft.insights/metricNamespaces/{name}",
            "name": name,
            "type": "Microsoft.Insights/metricNamespaces",
            "classification": "Platform",
            "properties": {"metricNamespaceName": namespace},
        }
        return ArmResponse({"value": [item] if definitions(namespace) else []})

    def _resource(self, request: ArmRequest) -> dict[str, Any]:
        identity = "/" + request.parameters["resourceUri"].strip("/")
        resource = self._documents.get(identity)
        if resource is None:
            wanted = parse_id(identity)
            raise refusals.resource_not_found(wanted.type, wanted.name, wanted.group)
        return resource

    def _timespan(self, text: str | None) -> tuple[datetime, datetime]:
        now = self._clock.now()
        if text is None or text.upper() in GRAINS:
            return now - GRAINS[(text or "PT1H").upper()], now
        first, _, last = text.partition("/")
        start, end = _instant(first), _instant(last)
        if start >= end or end - start > RETENTION:
            raise _QueryError(f"The timespan '{text}' must end after it begins and be no longer than 93 days.")
        return start, end


def _wanted(names: str | None, namespace: str) -> list[MetricDefinition]:
    known = definitions(namespace)
    if not names:
        return known[:1]
    return [_known_metric(name.strip(), namespace, known) for name in names.split(",")]


def _known_metric(name: str, namespace: str, known: Sequence[MetricDefinition]) -> MetricDefinition:
    found = definition(namespace, name)
    if found is None:
        valid = ",".join(metric.name for metric in known)
        raise _QueryError(
            f"Failed to find metric configuration for provider: {namespace.split('/')[0]}, resource Type: "
            f"{namespace.partition('/')[2]}, metric: {name}, Valid metrics: {valid}"
        )
    return found


def _interval(text: str | None, span: timedelta) -> tuple[str, timedelta | None]:
    name = (text or "PT1M").upper()
    if name == "FULL":
        return f"PT{int(span.total_seconds() // 60)}M", None
    if name not in GRAINS:
        raise _QueryError(f"Invalid time grain '{text}'; it must be one of {', '.join(GRAINS)} or FULL.")
    return name, GRAINS[name]


def _aggregations(text: str | None, metric: MetricDefinition) -> list[str]:
    wanted = [item.strip().lower() for item in (text or metric.aggregation).split(",")]
    if unknown := [item for item in wanted if item not in {name.lower() for name in AGGREGATIONS}]:
        raise _QueryError(f"Invalid aggregation '{unknown[0]}'; it must be one of {', '.join(AGGREGATIONS)}.")
    return wanted


def _point(bucket: Bucket, aggregations: Sequence[str], metric: MetricDefinition) -> dict[str, Any]:
    point: dict[str, Any] = {"timeStamp": _stamp(bucket.start)}
    for aggregation in aggregations:
        # Counts are reported as 0 where nothing happened; of times there is nothing to report.
        value = bucket.value(aggregation) if bucket.count or metric.unit == "Count" else None
        if value is not None:
            point[aggregation] = value
    return point


def _definition(resource: str, namespace: str, metric: MetricDefinition) -> dict[str, Any]:
    return {
        "id": f"{resource}/providers/microsoft.insights/metricdefinitions/{metric.name}",
        "resourceId": resource,
        "namespace": namespace,
        "name": {"value": metric.name, "localizedValue": metric.display_name},
        "displayDescription": f"{metric.display_name}.",
        "isDimensionRequired": False,
        "unit": metric.unit,
        "primaryAggregationType": metric.aggregation,
        "supportedAggregationTypes": ["None", "Average", "Minimum", "Maximum", "Total", "Count"],
        "metricAvailabilities": [{"timeGrain": grain, "retention": "P93D"} for grain in GRAINS],
        "dimensions": [],
    }


def _instant(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        raise _QueryError(f"'{text}' is not a date and time in ISO 8601.") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
