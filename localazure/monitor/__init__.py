"""Metrics, metric alerts and action groups."""
