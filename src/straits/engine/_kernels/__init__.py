"""Compiled kernels: arrays in, arrays and a status out."""

from straits.base.compiled import keep_compiled

keep_compiled()
