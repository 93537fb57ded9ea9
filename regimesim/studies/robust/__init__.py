"""Which policy to choose over futures of which nobody knows how probable they are."""
