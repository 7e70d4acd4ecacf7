"""Observed events and the histories made of them."""
