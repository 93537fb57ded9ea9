"""Explain: what P(no takeover) of a policy consists of, and which assumptions flip it."""
