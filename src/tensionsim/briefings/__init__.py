"""Briefings: what an ensemble or a comparison says, told as an analyst would, every number taken from a table."""
