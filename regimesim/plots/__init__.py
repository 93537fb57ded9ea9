"""How figures look and are saved, and the figures that several studies share."""
