"""Sweeps: designs, chunks, worker pools, the journal, and the results."""
