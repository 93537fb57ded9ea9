"""Measured capability: the files of those who measure it, and METR's horizons as shipped."""
