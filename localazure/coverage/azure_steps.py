"""The types of actions and triggers by what they are for. What the engine knows and nobody sorted here is "Other"."""

from __future__ import annotations

from wdl.definition.vocabulary import words

ACTIONS: dict[str, tuple[str, ...]] = {
    "Control": words("If Switch Scope Foreach Until Terminate"),
    "Data": words("Compose ParseJson Query Select Join Table"),
    "Variables": words(
        """
        InitializeVariable SetVariable IncrementVariable DecrementVariable AppendToArrayVariable AppendToStringVariable
        """
    ),
    "Time": words("Wait Expression"),
    "Calls": words(
        "Http HttpWebhook Response Workflow Function ApiConnection ApiConnectionWebhook ApiManagement ApiApp"
    ),
    "Batch": words("SendToBatch"),
    "Integration account, XML and B2B": words(
        """
        XmlValidation Xslt Liquid FlatFileEncoding FlatFileDecoding IntegrationAccountArtifactLookup Rules XmlCompose
        XmlParse DataMapper As2Encode As2Decode RosettaNetEncode RosettaNetDecode RosettaNetWaitForResponse SwiftEncode
        SwiftDecode SwiftMTEncode SwiftMTDecode X12Encode X12Decode X12BatchEncode EdifactEncode EdifactDecode
        EdifactBatchEncode Hl7Encode Hl7Decode
        """
    ),
    "Inline code": words("JavaScriptCode CSharpScriptCode PowerShellCode Python PythonScriptCode"),
    "Power Automate and Standard": words(
        """
        Flow OpenApiConnection OpenApiConnectionWebhook ServiceProvider InvokeFunction Agent NestedAgent AgentHandoff
        Handoff McpClientTool McpServer ChunkText ParseDocument
        """
    ),
    "Other": words("Changeset ArchiveZip"),
}

EXPRESSION_KINDS = words(
    "CurrentTime ConvertTimeZone GetFutureTime GetPastTime AddToTime SubtractFromTime FormatNumber IndexOf Substring"
)

TRIGGERS: dict[str, tuple[str, ...]] = {
    "Schedule": words("Recurrence SlidingWindow"),
    "Call": words("Request HttpWebhook ApiConnectionWebhook"),
    "Polling": words("Http ApiConnection"),
    "Other": words(
        """
        ApiManagement Batch Manual ApiConnectionNotification OpenApiConnectionWebhook OpenApiConnectionNotification
        """
    ),
}
"""Azure's documented trigger types, and those that only its engine knows."""
