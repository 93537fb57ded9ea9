"""Sweeps: designs, chunks and who runs them, the journal, the result."""
