"""What evidence changes: weights of worlds by what has been seen."""
