"""Scenario files: read, checked, resolved."""
