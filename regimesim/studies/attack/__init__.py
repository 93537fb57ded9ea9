"""The study `attack`: the worst case of a policy over what the attacker may choose."""
