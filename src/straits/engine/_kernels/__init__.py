"""Compiled kernels: arrays in, arrays and a status out."""
