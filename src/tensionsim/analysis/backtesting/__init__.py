"""Backtests: forecasts from many origins, each made from the past alone, scored against what came."""
