"""Which parameters matter: screened, and their shares of the variance of an outcome."""
