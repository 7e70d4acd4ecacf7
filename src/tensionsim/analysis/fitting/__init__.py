"""Fitting: coefficients that a history supports, how surely, and which mechanisms it speaks for."""
