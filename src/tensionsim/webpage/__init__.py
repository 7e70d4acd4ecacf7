"""The page: a scenario in a browser, answered as one moves its numbers; live, or as one file of outlooks."""
