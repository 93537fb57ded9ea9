"""Runs: all worlds of all policies of a scenario."""
