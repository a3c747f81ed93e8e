"""Threefry2x64-20: an addressed draw, compiled; ``straits.engine.rng`` is its plain twin."""

from __future__ import annotations

import numpy as np
from llvmlite import ir  # type: ignore[import-untyped]
from numba import njit, types, uint64
from numba.extending import intrinsic

_PARITY = np.uint64(0x1BD11BDAA9FC1A22)
_EXPONENT_0 = np.uint64(1023 << 52)
_EXPONENT_52 = np.uint64(1075 << 52)
_MANTISSA = np.uint64((1 << 52) - 1)
_PART = np.uint64((1 << 44) - 1)


@njit
def _rotate(x, n):
    return (x << uint64(n)) | (x >> uint64(64 - n))


@njit
def _four(x0, x1, r0, r1, r2, r3):
    x0 = x0 + x1
    x1 = _rotate(x1, r0) ^ x0
    x0 = x0 + x1
    x1 = _rotate(x1, r1) ^ x0
    x0 = x0 + x1
    x1 = _rotate(x1, r2) ^ x0
    x0 = x0 + x1
    x1 = _rotate(x1, r3) ^ x0
    return x0, x1


@njit
def threefry(key0, key1, counter0, counter1):
    """Return the two output words of Threefry2x64-20 for a key and a counter [uint64]."""
    k2 = _PARITY ^ key0 ^ key1
    x0 = counter0 + key0
    x1 = counter1 + key1
    x0, x1 = _four(x0, x1, 16, 42, 12, 31)
    x0 = x0 + key1
    x1 = x1 + k2 + uint64(1)
    x0, x1 = _four(x0, x1, 16, 32, 24, 21)
    x0 = x0 + k2
    x1 = x1 + key0 + uint64(2)
    x0, x1 = _four(x0, x1, 16, 42, 12, 31)
    x0 = x0 + key0
    x1 = x1 + key1 + uint64(3)
    x0, x1 = _four(x0, x1, 16, 32, 24, 21)
    x0 = x0 + key1
    x1 = x1 + k2 + uint64(4)
    x0, x1 = _four(x0, x1, 16, 42, 12, 31)
    x0 = x0 + k2
    x1 = x1 + key0 + uint64(5)
    return x0, x1


@intrinsic
def bits_of(typing, number):
    """Return the 64 bits of a float64 as an int64, without a way through memory."""

    def build(context, builder, signature, arguments):
        return builder.bitcast(arguments[0], ir.IntType(64))

    return types.int64(types.float64), build


@intrinsic
def number_of(typing, bits):
    """Return the float64 that has these 64 bits, a uint64, without a way through memory."""

    def build(context, builder, signature, arguments):
        return builder.bitcast(arguments[0], ir.DoubleType())

    return types.float64(types.uint64), build


@njit
def to_unit(word):
    """Return the upper 52 bits of a word as a number strictly inside (0, 1).

    They are put under the exponent of 2^52, since many processors have no vectors that turn
    64-bit integers into floats. Every step is exact.
    """
    return (number_of((word >> uint64(12)) | _EXPONENT_52) - (2.0**52 - 0.5)) * 2.0**-52


@njit
def whole_part(number):
    """Return the integer part of a number in [0, 2^52), in operations that every vector has."""
    nearest = number + 2.0**52
    return (bits_of(nearest) - np.int64(_EXPONENT_52)) - np.int64(nearest - 2.0**52 > number)


@njit
def table_place(u):
    """Return where U = `u` falls in a quantile table: octave, bin and part of the bin.

    The look-up of engine/variates.py on the bits of the survival probability, without a branch.
    """
    bits = np.uint64(bits_of(1.0 - u))
    above = uint64(1 << 52) - (bits & _MANTISSA)  # of the octave, from its upper end
    part = number_of(((above & _PART) << uint64(8)) | _EXPONENT_0) - 1.0
    return np.int64(uint64(1022) - (bits >> uint64(52))), np.int64(above >> uint64(44)), part


@njit
def uniform(key0, decision, entity, ordinal):
    """Return the U(0, 1) draw at an address; all four are unsigned 64-bit words."""
    word, _ = threefry(uint64(key0), uint64(decision), uint64(entity), uint64(ordinal))
    return to_unit(word)


@njit(cache=True, nogil=True)
def uniforms(key0, decision, entities, ordinal, out):
    """Fill `out` with the draws of many entities [U(0, 1)]."""
    for i in range(entities.size):
        out[i] = uniform(key0, decision, entities[i], ordinal)


@njit(cache=True, nogil=True)
def threefry_unit(key0, decision, entity):
    """Return one draw [U(0, 1)]."""
    return uniform(key0, decision, entity, 0)
