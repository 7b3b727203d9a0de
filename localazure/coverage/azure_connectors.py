"""Operations of the managed connectors that run here, by the designer's names: what Azure's have beyond what is served.

Source: Microsoft's generated clients (azure-connectors), which say neither the webhook nor the polling triggers.
"""

from __future__ import annotations


def _lines(text: str) -> tuple[str, ...]:
    return tuple(filter(None, map(str.strip, text.splitlines())))


UNSERVED: dict[str, tuple[str, ...]] = {
    "office365": _lines(
        """
        Get emails
        Get email
        Get Attachment
        Reply to email
        Forward an email
        Move email
        Flag email
        Mark as read or unread
        Delete email
        Export email
        Draft an email message
        Updates an email Draft message
        Send a Draft message
        Send email with options
        Send approval email
        Get Outlook category names
        Assigns an Outlook category
        Assign a category to multiple emails
        Get mail tips for a mailbox
        Set up automatic replies
        Send an HTTP request
        Get calendars
        Get events
        Get event
        Create event
        Update event
        Delete event
        Get calendar view of events
        Respond to an event invite
        Find meeting times
        Get room lists
        Get rooms
        Get rooms in room list
        Get contact folders
        Get contacts
        Get contact
        Create contact
        Update contact
        Delete contact
        Update my contact's photo
        Email Management MCP Server (deprecated)
        Meeting Management MCP Server (deprecated)
        Contact Management MCP Server
        triggers such as When a new email arrives
        """
    ),
    "sendgrid": _lines(
        """
        Add a global suppression
        Get the global suppression
        Delete the global suppression
        Add recipient to list
        List Recipient Lists
        List Recipients
        Get bounce for an email
        Delete an email from bounce list
        Check if email is in unsubscribed email list
        """
    ),
}

ELSEWHERE = "every other managed API (sql, servicebus, teams, …)"
