"""Probabilities of rare failures, by integrated hazards and importance splitting."""
