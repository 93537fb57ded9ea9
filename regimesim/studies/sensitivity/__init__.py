"""Which parameters matter to an outcome: screening, then Sobol indices."""
