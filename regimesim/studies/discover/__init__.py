"""Under which assumptions a policy fails: scenario discovery with PRIM."""
