"""Log-linear histograms of waits, in ticks.

Below 256 ticks every tick has its bin; above, every octave has 256, so a bin is at most
0.4 % wide relative to its values. Quantiles are interpolated inside their bin; a paired
difference smaller than the bins' width is below resolution, not zero.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["BIN_COUNT", "RELATIVE_WIDTH", "bin_edges", "quantile"]

OCTAVES: Final = 24  # up to 2^32 ticks: 48 days
BIN_COUNT: Final = 256 * (OCTAVES + 1)
RELATIVE_WIDTH: Final = 1.0 / 256.0


def bin_edges() -> NDArray[np.int64]:
    """Return the lower edges of all bins, and the end of the last one [ticks]."""
    linear = np.arange(256, dtype=np.int64)
    scale = np.int64(1) << np.arange(OCTAVES, dtype=np.int64)
    octaves = ((256 + np.arange(256, dtype=np.int64))[None, :] * scale[:, None]).ravel()
    return np.concatenate([linear, octaves, [np.int64(1) << (OCTAVES + 8)]])


def quantile(counts: NDArray[np.int64], share: float) -> float:
    """Return the value below which `share` of the counted waits lie [ticks]; 0 if none."""
    total = int(counts.sum())
    if total == 0:
        return 0.0
    target = share * total
    cumulative = np.cumsum(counts)
    k = int(np.searchsorted(cumulative, target, side="left"))
    k = min(k, counts.size - 1)
    edges = bin_edges()
    if k == 0:
        return 0.0
    before = float(cumulative[k - 1])
    part = (target - before) / float(counts[k]) if counts[k] else 0.0
    return float(edges[k] + part * (edges[k + 1] - edges[k]))
