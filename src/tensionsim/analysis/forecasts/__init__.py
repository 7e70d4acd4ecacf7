"""Forecasts that are ensembles: scores, calibration, plain methods to beat, skill. Pure functions on arrays."""
