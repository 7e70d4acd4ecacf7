"""Questions asked of ensembles: how outlooks differ, when they part, and what brought it about."""
