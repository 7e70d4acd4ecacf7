"""Stability: whether events breed events without end, whether hostility feeds itself, and where it does."""

from tensionsim.stability.spectral import Stability, excitation, of, stationary_rates, tone_feedback

__all__ = ["Stability", "excitation", "of", "stationary_rates", "tone_feedback"]
