"""One world: a table of its months, its events, and a timeline."""
