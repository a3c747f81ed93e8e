"""The generator's published answers, and its compiled twin."""

import numpy as np
import pytest

from straits.engine._kernels import draws
from straits.engine.rng import Seed, threefry, uniform

FULL = (1 << 64) - 1
# Random123, file kat_vectors: threefry2x64 with 20 rounds.
KNOWN = [
    ((0, 0), (0, 0), (0xC2B6E3A8C2C69865, 0x6F81ED42F350084D)),
    ((FULL, FULL), (FULL, FULL), (0xE02CB7C4D95D277A, 0xD06633D0893B8B68)),
    ((0xA4093822299F31D0, 0x082EFA98EC4E6C89), (0x243F6A8885A308D3, 0x13198A2E03707344),
     (0x263C7D30BB0F0AF1, 0x56BE8361D3311526)),
]


@pytest.mark.parametrize(("key", "counter", "expected"), KNOWN)
def test_published_answers(key, counter, expected):
    assert threefry(key, counter) == expected
    compiled = draws.threefry(*(np.uint64(word) for word in (*key, *counter)))
    assert tuple(int(word) for word in compiled) == expected


def test_compiled_draws_equal_the_plain_ones():
    key = Seed(20160830, 3).key
    entities = np.array([0, 1, 17, 2**40 + 5, 2**63 - 1], np.uint64)
    out = np.empty(5)
    draws.uniforms(np.uint64(key), np.uint64(77), entities, np.uint64(2), out)
    assert out.tolist() == [uniform(key, 77, int(e), 2) for e in entities]


def test_moments_and_open_interval():
    out = np.empty(400_000)
    draws.uniforms(np.uint64(9), np.uint64(1), np.arange(out.size, dtype=np.uint64),
                   np.uint64(0), out)
    assert out.min() > 0.0
    assert out.max() < 1.0
    se = np.sqrt(1 / 12 / out.size)
    assert abs(out.mean() - 0.5) < 4.5 * se
    assert abs(np.var(out) - 1 / 12) < 4.5 * np.sqrt(1 / 180 / out.size)
    # neighbours by entity are independent: 4.5 standard errors of a correlation
    assert abs(np.corrcoef(out[:-1], out[1:])[0, 1]) < 4.5 / np.sqrt(out.size)


def test_purposes_have_streams_of_their_own():
    one, two = np.empty(100_000), np.empty(100_000)
    ids = np.arange(one.size, dtype=np.uint64)
    draws.uniforms(np.uint64(9), np.uint64(1), ids, np.uint64(0), one)
    draws.uniforms(np.uint64(9), np.uint64(2), ids, np.uint64(0), two)
    assert abs(np.corrcoef(one, two)[0, 1]) < 4.5 / np.sqrt(one.size)
