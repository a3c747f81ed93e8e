"""Whether planted truths lie among their draws as they should, number by number and in all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["BINS", "Recovery", "verdict"]

BINS: Final = 10
LOW: Final = 0.05
HIGH: Final = 0.95
# Thirteen quantities are held to this many: with nothing wrong one of them is outside in 0.6 % of
# runs. Truths are independent of each other, numbers of one truth are not.
STANDARD_ERRORS: Final = 3.5
# Share: what draws that remember each other a little may be off by. As far apart as their
# autocorrelation time, twenty draws of a Gaussian cover 89.4 % and not 90 %.
SLACK: Final = 0.01
LEVEL: Final = 0.01  # that any number is refused with nothing wrong; once for each of two tests
_WORST: Final = 3


@dataclass(frozen=True, slots=True)
class Recovery:
    """Where planted truths lie among the draws of their posteriors.

    Attributes
    ----------
    rank : float64[truth, number]
        Share of the draws below the truth, at the middle of its step: uniform if all is right.
    misfit : float64[truth]
        Sum of squared residuals, of rows and of priors, at the mode [squared errors].
    rows : int
        Rows that were fitted to each truth's record.
    memory : float64[truth, number]
        Autocorrelation time of the chain over the distance of the draws that were kept.
    """

    rank: NDArray[np.float64]
    misfit: NDArray[np.float64]
    rows: int
    memory: NDArray[np.float64]

    @property
    def inside(self) -> NDArray[np.bool_]:
        """Whether a truth lies inside the 90 % interval, bool[truth, number]."""
        return np.asarray((self.rank >= LOW) & (self.rank <= HIGH))

    @property
    def histogram(self) -> NDArray[np.float64]:
        """Share of each truth's ranks in ten equal bins, float64[truth, bin]."""
        bins = np.minimum((self.rank * BINS).astype(np.int64), BINS - 1)
        return np.stack([(bins == k).mean(axis=1) for k in range(BINS)], axis=1)


def verdict(found: Recovery, names: Sequence[str]) -> tuple[bool, list[str]]:
    """Return whether all is as it should be, and what was found in words.

    Three families of tests: shares of all ranks, each number by itself, and the misfit at the mode.

    Parameters
    ----------
    found : Recovery
    names : sequence of str
        Of the numbers.
    """
    good, lines = True, []
    for judged, said in (_shares(found), _numbers(found, names), _misfits(found)):
        good &= judged
        lines += said
    one, two = ((found.memory > times).mean() for times in (1.0, 2.0))
    lines.append(f"autocorrelation time over the distance of draws: median "
                 f"{np.median(found.memory):.1f}, above 1 for {one:.0%}, above 2 for {two:.0%} of "
                 "the numbers of all truths   told, not judged")
    return good, lines


def _shares(found: Recovery) -> tuple[bool, list[str]]:
    """Hold the share inside intervals and the bins of the histogram to what they should be."""
    good = True
    lines = [f"shares of all ranks, within {STANDARD_ERRORS} standard errors over truths and "
             f"{SLACK:.0%} for draws that are not quite independent"]
    bins = found.histogram
    for name, shares, should in (
        ("inside 90 % intervals", found.inside.mean(axis=1), HIGH - LOW),
        *((f"ranks {k / BINS:.1f} to {(k + 1) / BINS:.1f}", bins[:, k], 1.0 / BINS)
          for k in range(BINS)),
    ):
        mean, error = float(shares.mean()), float(shares.std(ddof=1)) / len(shares) ** 0.5
        right = abs(mean - should) <= STANDARD_ERRORS * error + SLACK
        good &= right
        lines.append(f"  {name:<24}{mean:>8.1%}   should be {should:.0%}, standard error "
                     f"{error:.1%}   {_word(right)}")
    return good, lines


def _numbers(found: Recovery, names: Sequence[str]) -> tuple[bool, list[str]]:
    """Hold each number's coverage and mean rank to what they should be."""
    from scipy.special import ndtr
    from scipy.stats import binomtest

    truths, numbers = found.rank.shape
    counts = found.inside.sum(axis=0)
    covered = np.array([binomtest(int(count), truths, HIGH - LOW).pvalue for count in counts])
    means = found.rank.mean(axis=0)
    far = (means - 0.5) * (12.0 * truths) ** 0.5
    centred = 2.0 * ndtr(-np.abs(far))
    lines = [f"each of {numbers} numbers, refused where chance alone would do it in less than "
             f"{LEVEL:.0%} / {numbers}, so that any is refused in {LEVEL:.0%} of runs"]
    good = True
    for title, chance, text in (
        (f"of {truths} truths inside the 90 % interval (binomial)", covered,
         [f"{count}" for count in counts]),
        ("mean rank (standard errors from a half)", centred,
         [f"{mean:.3f} ({off:+.1f})" for mean, off in zip(means, far, strict=True)]),
    ):
        right = bool(chance.min() >= LEVEL / numbers)
        good &= right
        lines.append(f"  {title}, the worst:   {_word(right)}")
        lines += [f"    {names[k]:<24}{text[k]:>16}   chance {chance[k]:.2g}"
                  for k in np.argsort(chance, kind="stable")[:_WORST]]
    return good, lines


def _misfits(found: Recovery) -> tuple[bool, list[str]]:
    """Hold the misfit at the mode to the chi-squared distribution that a linear model gives it."""
    from scipy.special import ndtr
    from scipy.stats import binomtest, chi2

    truths, rows, should = len(found.misfit), found.rows, HIGH - LOW
    low, high = chi2.ppf([LOW, HIGH], rows)
    mean, error = float(found.misfit.mean()), (2.0 * rows / truths) ** 0.5
    below, above = int((found.misfit < low).sum()), int((found.misfit > high).sum())
    inside = truths - below - above
    spread = (should * (1.0 - should) / truths) ** 0.5
    level = abs(mean - rows) <= STANDARD_ERRORS * error
    # A count of few truths is not normal; as unlikely as so many standard errors.
    held = binomtest(inside, truths, should).pvalue >= 2.0 * ndtr(-STANDARD_ERRORS)
    return level and held, [
        f"misfit of rows and priors at the mode, within {STANDARD_ERRORS} standard errors of a "
        f"chi-squared distribution with {rows} degrees of freedom",
        f"  mean                    {mean:>8.1f}   should be {rows}, standard error {error:.1f}   "
        f"{_word(level)}",
        f"  inside its 90 % band    {inside / truths:>8.0%}   should be {should:.0%}, standard "
        f"error {spread:.0%}; {low:.0f} to {high:.0f}, {below} below, {above} above   "
        f"{_word(held)}",
    ]


def _word(right: bool) -> str:
    return "accepted" if right else "OUTSIDE"
