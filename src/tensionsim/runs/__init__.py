"""Ensembles of runs: simulated, kept, read."""
