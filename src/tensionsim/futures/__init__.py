"""Questions about all futures at once: which assumptions matter, where it breaks, what to do."""
