"""The names a definition may use, as the engine spells them. It reads them without regard to case."""

from __future__ import annotations


def words(text: str) -> tuple[str, ...]:
    """The words of a text."""
    return tuple(text.split())


SCHEMA = "https://schema.management.azure.com/providers/Microsoft.Logic/schemas/{}/workflowdefinition.json#"
SCHEMA_VERSIONS = ("2014-12-01-preview", "2015-08-01-preview", "2016-04-01-preview", "2016-06-01")

_TYPES_2022 = words(
    """
    Http ApiApp Recurrence Workflow Flow Wait ApiConnection OpenApiConnection Manual ApiConnectionWebhook
    OpenApiConnectionWebhook Response HttpWebhook Compose Query Function ApiManagement XmlValidation
    FlatFileEncoding Scope Request If Foreach Until Xslt FlatFileDecoding Terminate
    IntegrationAccountArtifactLookup Switch ParseJson Table Join Select InitializeVariable IncrementVariable
    DecrementVariable SetVariable AppendToArrayVariable AppendToStringVariable Batch SendToBatch SlidingWindow
    Expression Liquid JavaScriptCode As2Decode As2Encode RosettaNetEncode RosettaNetDecode
    RosettaNetWaitForResponse ApiConnectionNotification OpenApiConnectionNotification Changeset SwiftEncode
    SwiftDecode ArchiveZip ServiceProvider InvokeFunction
    """
)

# Types that Logic Apps learned after the engine whose verdicts were recorded (2022).
NEWER_TYPES = words(
    """
    Agent NestedAgent AgentHandoff Handoff McpClientTool McpServer ChunkText ParseDocument CSharpScriptCode
    PowerShellCode Python PythonScriptCode DataMapper XmlCompose XmlParse X12Encode X12Decode X12BatchEncode
    EdifactEncode EdifactDecode EdifactBatchEncode Hl7Encode Hl7Decode SwiftMTEncode SwiftMTDecode Rules
    RuleExecute XsltTransform FlatFileSchemaGeneration ParseDocumentWithMetadata
    """
)

TYPES = (*_TYPES_2022, *NEWER_TYPES)

_KINDS_2022 = words(
    """
    Http PowerApp PowerAppV2 Button ApiConnection Alert EventGrid CurrentTime ConvertTimeZone GetFutureTime
    GetPastTime AddToTime SubtractFromTime AzureMonitorAlert SecurityCenterAlert JsonToJson JsonToText XmlToJson
    XmlToText Geofence ODataOpenApiConnection IndexOf Substring VirtualAgent FormatNumber Polling Teams
    """
)

NEWER_KINDS = words("Agent Skills DataMapper TeamsWebhook")

KINDS = (*_KINDS_2022, *NEWER_KINDS)

STATUSES = ("Succeeded", "Failed", "TimedOut", "Skipped")

PARAMETER_TYPES = ("String", "SecureString", "Int", "Float", "Bool", "Array", "Object", "SecureObject")

OPERATION_OPTIONS = words(
    """
    None DisableAsyncPattern Sequential SingleInstance Asynchronous DisableAutomaticDecompression
    EnableSchemaValidation SuppressWorkflowHeaders FailWhenLimitsReached SuppressWorkflowHeadersOnResponse
    IncludeAuthorizationHeadersInOutputs PersistRequestContextForConcurrencyControl
    """
)

FREQUENCIES = ("Second", "Minute", "Hour", "Day", "Week", "Month", "Year")
WEEK_DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
STATIC_RESULT_OPTIONS = ("None", "Enabled", "Disabled")
RUN_STATUSES = (
    *("NotSpecified", "Paused", "Running", "Waiting", "Succeeded", "Skipped", "Suspended", "Cancelled"),
    *("Failed", "Faulted", "TimedOut", "Aborted", "Ignored", "Deleted", "Terminated"),
)

BLOCK_TYPES = frozenset({"Scope", "If", "Switch", "Foreach", "Until"})
LOOP_TYPES = frozenset({"Foreach", "Until"})
EXPRESSION_KINDS = ("CurrentTime", "ConvertTimeZone", "GetFutureTime", "GetPastTime", "AddToTime", "SubtractFromTime")


def canonical(value: str, among: tuple[str, ...]) -> str | None:
    """The engine's own spelling of an enum value, or None when there is no such value."""
    lowered = value.strip().lower()
    return next((name for name in among if name.lower() == lowered), None)
