"""The model compared with published and exact numbers."""
