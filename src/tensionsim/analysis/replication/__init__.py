"""Replication: published and recomputable results, computed again with this code, and what came out."""
