"""Calibrate: how fast measured capability grows, and what that means for the model."""
