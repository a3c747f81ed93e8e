"""Engines: arrays and a seed in, slice logs out."""
