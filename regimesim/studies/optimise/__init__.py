"""The best policy: a search over numbers, safeguards and events at once."""
