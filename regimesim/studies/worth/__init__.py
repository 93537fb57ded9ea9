"""What it would be worth to know an assumption before a policy is chosen."""
