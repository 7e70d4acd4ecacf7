"""Ensembles: many runs of one scenario, in chunks that do not show in the results."""
