"""The world at work: assembled, stepped, recorded."""
