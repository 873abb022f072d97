"""Several tests of one question: Holm's step-down adjustment (Holm 1979, Scandinavian Journal of Statistics 6:65)."""

from collections.abc import Sequence


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """Adjusted p in the order given; None stays None and does not count as a test."""
    known = sorted((p, n) for n, p in enumerate(p_values) if p is not None)
    adjusted: list[float | None] = [None] * len(p_values)
    largest = 0.0
    for rank, (p, n) in enumerate(known):
        largest = max(largest, min(1.0, p * (len(known) - rank)))
        adjusted[n] = largest
    return adjusted
