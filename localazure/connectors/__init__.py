"""Managed connectors as HTTP services."""
