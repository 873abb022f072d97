"""What somebody can work out about hidden counts from everything that is shown: linear programming.

The attacker knows the rules, every shown cell, every sum, and that counts are not negative. The least and
the greatest possible value of a cell is then a linear programme (Fischetti and Salazar-González, Solving the
cell suppression problem on tabular data with linear constraints, Management Science 47(7), 2001). Sums of
one-way and two-way tables that share totals form a network, so that whole-number solutions exist at both
ends and the relaxation is exact; elsewhere it is an outer bound.
"""

from collections.abc import Iterable, Mapping, Sequence

import numpy
from scipy.optimize import linprog
from scipy.sparse import csr_array

from analytics.disclosure.tables import Interval, Key, Sum


class Contradiction(Exception):
    """No table of counts fits what is known: something is shown that cannot be true."""


class Attacker:
    """Everything known at once. Build it anew when something else becomes known."""

    def __init__(self, known: Mapping[Key, Interval], sums: Sequence[Sum]) -> None:
        self.place = {key: n for n, key in enumerate(known)}
        self.bounds = [(each.low, each.high) for each in known.values()]
        rows, columns, signs = [], [], []
        for row, each in enumerate(sums):
            for key, sign in ((each.total, -1.0), *((part, 1.0) for part in each.parts)):
                rows.append(row)
                columns.append(self.place[key])
                signs.append(sign)
        self.matrix = csr_array((signs, (rows, columns)), shape=(len(sums), len(known))) if sums else None
        self.possible: list[numpy.ndarray] = []  # whole tables that fit everything known

    def range_of(self, key: Key) -> Interval:
        """The least and the greatest count that the cell may hold. Raises Contradiction."""
        return Interval(self._end(key, 1.0) or 0.0, self._end(key, -1.0))

    def must_allow(self, key: Key, low: float, high: float) -> bool:
        """Whether the cell may be as little as ``low`` and as much as ``high``. Raises Contradiction.

        Tables that were found for other cells are looked at first, which spares most of the solving.
        """
        place = self.place[key]
        for sign, end in ((1.0, low), (-1.0, high)):
            if any(sign * table[place] <= sign * end + 1e-6 for table in self.possible):
                continue
            found = self._end(key, sign)
            if found is not None and sign * found > sign * end + 1e-6:
                return False
        return True

    def ranges(self, keys: Iterable[Key]) -> dict[Key, Interval]:
        """``range_of`` for several cells."""
        return {key: self.range_of(key) for key in keys}

    def _end(self, key: Key, sign: float) -> float | None:
        aim = numpy.zeros(len(self.bounds))
        aim[self.place[key]] = sign
        right = None if self.matrix is None else numpy.zeros(self.matrix.shape[0])
        found = linprog(aim, A_eq=self.matrix, b_eq=right, bounds=self.bounds, method="highs")
        if found.status == 3:
            return None
        if found.status == 2:
            raise Contradiction(f"nothing fits what is known about {key}")
        if found.status != 0:
            raise ArithmeticError(f"the solver stopped at {key}: {found.message}")
        self.possible.append(found.x)
        return float(found.x[self.place[key]])
