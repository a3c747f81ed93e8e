"""How far chains have settled: nested R-hat, and the effective number of draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["LARGEST_R_HAT", "LEAST_DRAWS", "Settled", "autocorrelation_time", "settled",
           "split_r_hat"]  # fmt: skip

LARGEST_R_HAT: Final = 1.02
LEAST_DRAWS: Final = 400  # effective; of 400 the 5 % quantile lies between the 3 % and the 7 %
_GROUPS: Final = 4
_WINDOW: Final = 5.0


@dataclass(frozen=True, slots=True)
class Settled:
    """How far chains have settled.

    Attributes
    ----------
    r_hat : float64[number]
        Nested R-hat [1]_: groups of walkers, halves of their steps and independent chains.
    size : float64[number]
        Effective number of draws: draws over their integrated autocorrelation time [2]_.

    References
    ----------
    .. [1] C. Margossian, M. Hoffman, P. Sountsov, L. Riou-Durand, A. Vehtari, A. Gelman, "Nested
       R-hat: assessing the convergence of Markov chain Monte Carlo when running many short
       chains" (2022). arXiv:2110.13017
    .. [2] D. Foreman-Mackey, D. W. Hogg, D. Lang, J. Goodman, "emcee: the MCMC hammer", PASP 125
       (2013). doi:10.1086/670067
    """

    r_hat: NDArray[np.float64]
    size: NDArray[np.float64]

    @property
    def enough(self) -> bool:
        """Whether the chains say the same, and there are draws enough for 90 % intervals."""
        return bool(self.r_hat.max() <= LARGEST_R_HAT and self.size.min() >= LEAST_DRAWS)


def settled(chains: Sequence[NDArray[np.float64]]) -> Settled:
    """Return how far independent chains have settled.

    Parameters
    ----------
    chains : sequence of float64[step, walker, number]
        Without the steps of the beginning.
    """
    size = np.zeros(chains[0].shape[2])
    for z in chains:
        size += z.shape[0] * z.shape[1] / np.maximum(autocorrelation_time(z), 1.0)
    return Settled(split_r_hat(chains), size)


def autocorrelation_time(z: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the integrated autocorrelation time of each number [steps].

    Deviations are from the mean of all walkers: each walker's own mean would take what a short
    walk has not yet forgotten for its level. The sum ends at five times itself, as usual.
    """
    steps = z.shape[0]
    away = z - z.mean(axis=(0, 1))
    wave = np.fft.rfft(away, n=2 * steps, axis=0)
    product = np.fft.irfft(np.abs(wave) ** 2, axis=0)[:steps].mean(axis=1)
    product /= np.arange(steps, 0, -1)[:, None]
    times = 2.0 * np.cumsum(product / product[0], axis=0) - 1.0
    ended = np.arange(steps)[:, None] >= _WINDOW * times
    last = np.where(ended.any(axis=0), ended.argmax(axis=0), steps - 1)
    return np.asarray(times[last, np.arange(z.shape[2])])


def split_r_hat(chains: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Return R-hat of each number: four groups of each chain's walkers, each cut in two halves.

    Parameters
    ----------
    chains : sequence of float64[step, walker, number]
        Without the steps of the beginning.
    """
    parts = []
    for z in chains:
        steps = z.shape[0] // 2 * 2
        for group in np.array_split(np.arange(z.shape[1]), _GROUPS):
            parts += [half[:, group].reshape(-1, z.shape[2])
                      for half in (z[: steps // 2], z[steps // 2 : steps])]
    size = min(len(part) for part in parts)
    means = np.stack([part[:size].mean(axis=0) for part in parts])
    within = np.stack([part[:size].var(axis=0, ddof=1) for part in parts]).mean(axis=0)
    # Draws of one walker are not independent: what counts is the walkers times the effective steps,
    # and `between` measures exactly that.
    between = means.var(axis=0, ddof=1)
    return np.asarray(np.sqrt(1.0 + between / within))
