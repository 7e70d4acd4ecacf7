"""Published findings, computed again."""
