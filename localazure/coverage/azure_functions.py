"""The functions of Microsoft's reference of the Workflow Definition Language, by its groups: 133 of them."""

from __future__ import annotations

from wdl.definition.vocabulary import words

FUNCTIONS: dict[str, tuple[str, ...]] = {
    "String": words(
        """
        concat substring slice replace guid toLower toUpper indexOf nthIndexOf lastIndexOf startsWith endsWith split
        trim formatNumber trimByteOrderMark encodeXmlValue decodeXmlValue encodeXmlName decodeXmlName
        """
    ),
    "Collection": words("contains length sort reverse empty intersection union first last take skip join chunk"),
    "Logical": words("if equals and or not less lessOrEquals greater greaterOrEquals isInt isFloat"),
    "Conversion": words(
        """
        json xml int string float bool decimal base64 base64ToBinary base64ToString binary dataUri dataUriToBinary
        dataUriToString decodeBase64 utf8Length utf16Length encodeUriComponent decodeUriComponent decodeDataUri
        uriComponent uriComponentToBinary uriComponentToString array createArray triggerFormDataValue
        triggerFormDataMultiValues triggerMultipartBody formDataValue formDataMultiValues multipartBody
        """
    ),
    "Math": words("min max rand add sub mul div mod range"),
    "Date and time": words(
        """
        utcNow getFutureTime getPastTime addToTime subtractFromTime addSeconds addMinutes addHours addDays
        dateDifference convertTimeZone convertToUtc convertFromUtc formatDateTime parseDateTime startOfHour startOfDay
        startOfMonth dayOfWeek dayOfMonth dayOfYear ticks formatTimeSpan
        """
    ),
    "Reference": words(
        """
        parameters result actions outputs body triggerOutputs triggerBody trigger item items iterationIndexes variables
        """
    ),
    "Workflow": words("listCallbackUrl workflow"),
    "URI": words("uriHost uriPath uriPathAndQuery uriPort uriScheme uriQuery"),
    "Manipulation": words("coalesce addProperty setProperty removeProperty xpath mergeObjects"),
}

BEYOND = ("action", "actionBody", "actionOutputs")
"""Not in the reference, yet known to the engine."""
