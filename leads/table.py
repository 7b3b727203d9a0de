"""The lead table, through the official client."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any, Self

from azure.core.exceptions import AzureError, HttpResponseError, ServiceRequestError, ServiceResponseError
from azure.data.tables import EdmType, EntityProperty, TableClient

from leads.errors import LeadsError

Key = tuple[str, str]


class LeadTableError(LeadsError):
    """The table did not do what it was asked; the message is one line and says what to look at.

    `refused`: whether the service said so; otherwise nobody knows whether it did it.
    """

    def __init__(self, message: str, refused: bool) -> None:
        super().__init__(message)
        self.refused = refused


@dataclass(frozen=True)
class Inserted:
    """A row that is in the table: its keys and when the service wrote it, by the service's clock (to the second)."""

    partition_key: str
    row_key: str
    written: datetime

    @property
    def key(self) -> Key:
        return self.partition_key, self.row_key


class LeadTable:
    """One table of one account. `connection_string` is a secret and appears in no message."""

    def __init__(self, connection_string: str, name: str) -> None:
        # Few, short attempts: a table that is not there should be reported in seconds.
        self._client = TableClient.from_connection_string(
            connection_string, name, retry_total=2, retry_backoff_factor=0.2, connection_timeout=5, read_timeout=30
        )
        self.name = name

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def insert(self, row: Mapping[str, Any]) -> Inserted:
        """Add one row; raises `LeadTableError`, also where the keys are taken."""
        written = self._asked(lambda: self._client.create_entity(_entity(row)), "insert a row")
        date = written.get("date")
        return Inserted(str(row["PartitionKey"]), str(row["RowKey"]), _moment(date))

    def delete(self, key: Key) -> None:
        """Remove a row; one that is gone already is no error."""
        self._asked(lambda: self._client.delete_entity(*key), "delete a row")

    def rows(self, odata_filter: str = "", columns: Sequence[str] | None = None) -> Iterator[dict[str, Any]]:
        """The rows that a filter (OData; all without one) admits, with `Timestamp`, in the table's order, page by page.

        Pages may be empty and followed by others. A service that gives the same continuation twice would never end
        (Azurite #1554): that raises `LeadTableError`.
        """
        pages = self._listed(odata_filter, columns)
        seen: set[Any] = set()
        while (page := self._asked(lambda: _next_page(pages), "read the rows")) is not None:
            yield from map(_row, page)
            token = repr(pages.continuation_token)
            if pages.continuation_token and token in seen:
                raise LeadTableError(f"the service repeats a page of table {self.name}; reading was given up", True)
            seen.add(token)

    def _listed(self, odata_filter: str, columns: Sequence[str] | None) -> Any:
        wanted = list(columns) if columns else None
        if odata_filter:
            return self._client.query_entities(odata_filter, select=wanted).by_page()
        return self._client.list_entities(select=wanted).by_page()

    def _asked(self, action: Callable[[], Any], what: str) -> Any:
        try:
            return action()
        except AzureError as error:
            raise LeadTableError(self._explain(error, what), _is_refusal(error)) from None

    def _explain(self, error: AzureError, what: str) -> str:
        place = f"table {self.name} of account {self._client.account_name}"
        if isinstance(error, HttpResponseError):
            code = _code(error)
            return f"cannot {what} in {place}: {_CAUSES.get(code, code)}"
        if isinstance(error, ServiceRequestError | ServiceResponseError):
            return f"cannot {what} in {place}: {self._client.url} does not answer; is it running, is the network there?"
        return f"cannot {what} in {place}: {type(error).__name__}"


def _next_page(pages: Iterator[Any]) -> list[Any] | None:
    """The next page as a list, as errors come while it is read; None after the last."""
    page = next(pages, None)
    return None if page is None else list(page)


def _row(entity: Any) -> dict[str, Any]:
    """An entity as a row: `Timestamp`, which the client keeps apart, is a column again."""
    stamp = (entity.metadata or {}).get("timestamp")
    columns = entity if stamp is None else {**entity, "Timestamp": stamp}
    return {name: _plain(value) for name, value in columns.items()}


def _plain(value: Any) -> str | int | float | bool:
    """A value as JSON has it: a moment as the service wrote it (7 digits of a second), bytes in base64, ids as text."""
    if isinstance(value, EntityProperty):
        return _plain(value.value)
    if isinstance(value, datetime):
        return str(getattr(value, "tables_service_value", "") or value.isoformat())
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value if isinstance(value, str | int | float | bool) else str(value)


_CAUSES = {
    "TableNotFound": "there is no such table; `pulumi up --refresh` makes it again",
    "EntityAlreadyExists": "a row with these keys is there already",
    "AuthenticationFailed": "the account key is not valid any more; `pulumi up` fetches the new one",
    # Azure's word for a network rule, Azurite's for a wrong key.
    "AuthorizationFailure": "the account key is not valid any more (`pulumi up` fetches the new one), or the account's"
    " networking refuses this address",
    "KeyBasedAuthenticationNotPermitted": "the account refuses shared keys, which Microsoft needs to write leads",
    "EntityTooLarge": "the row is larger than 1 MiB",
    "PropertyValueTooLarge": "a text is longer than 32,768 characters",
}


def _code(error: HttpResponseError) -> str:
    """The service's code; the client's exceptions carry it only sometimes, the answer's header always."""
    headers: Mapping[str, str] = getattr(error.response, "headers", {})
    return str(headers.get("x-ms-error-code") or error.reason or error.status_code)


def _is_refusal(error: AzureError) -> bool:
    """Whether the service cannot have done it: it said no or was not reached. A 5xx or a lost answer leaves it open."""
    if isinstance(error, HttpResponseError):
        return error.status_code is not None and error.status_code < 500
    return isinstance(error, ServiceRequestError)


def _entity(row: Mapping[str, Any]) -> dict[str, Any]:
    """Whole numbers beyond 32 bits must say that they have 64."""
    return {name: _typed(value) for name, value in row.items()}


def _typed(value: Any) -> Any:
    wide = isinstance(value, int) and not isinstance(value, bool) and not -(2**31) <= value < 2**31
    return EntityProperty(value, EdmType.INT64) if wide else value


def _moment(date: Any) -> datetime:
    if isinstance(date, datetime):
        return date if date.tzinfo else date.replace(tzinfo=UTC)
    return parsedate_to_datetime(date).astimezone(UTC) if date else datetime.now(UTC)
