"""The likelihood, fits and their posterior."""
