"""Arguments from the debate, each a scenario with the pattern that must show."""
