"""Questions asked of all futures at once: what matters, where it breaks, what to do."""
