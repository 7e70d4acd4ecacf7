"""Forecasts, their scores, and backtests."""
