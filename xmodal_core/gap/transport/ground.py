"""The ground cost of labelled samples, never held in memory unless asked for.

    c((x, y), (x', y')) = lambda_x |x - x'|^p + lambda_y W_p^p(y, y')

For p = 2 the whole matrix is one matrix product of augmented vectors, so any block of it costs a product.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

_TILE = 1 << 22  # entries of a block: 32 MB in double precision
_IN_CACHE = 1 << 17  # numbers that are made, used once and forgotten: 1 MB
_MAX_ONE_HOT = 64  # with more classes, looking label distances up is cheaper than multiplying by one-hot vectors


@dataclass(frozen=True, eq=False)
class GroundCost:
    """Two weighted, labelled point sets, each sorted by class, and the cost between them.

    Attributes:
        x, x_to: (n, d), (m, d) float64 points.
        y, y_to: (n,), (m,) class numbers, ascending: rows of `labels` and columns of `labels`.
        a, b: (n,), (m,) masses, each adding up to 1.
        labels: (K_s, K_t) W_p^p between classes.
        lambda_x, lambda_y: weights of the two parts.
        p: 1 or 2.
    """

    x: np.ndarray
    x_to: np.ndarray
    y: np.ndarray
    y_to: np.ndarray
    a: np.ndarray
    b: np.ndarray
    labels: np.ndarray
    lambda_x: float = 1.0
    lambda_y: float = 1.0
    p: int = 2

    @property
    def shape(self) -> tuple[int, int]:
        """Number of points on either side."""
        return len(self.y), len(self.y_to)

    @property
    def uniform(self) -> bool:
        """Equally many points of equal mass on both sides: an assignment problem."""
        return len(self.a) == len(self.b) and np.ptp(self.a) == 0 and np.ptp(self.b) == 0

    def take(self, rows: np.ndarray, columns: np.ndarray) -> "GroundCost":
        """The problem on some ascending rows of either side, masses brought back to 1."""
        a, b = self.a[rows], self.b[columns]
        return replace(
            self,
            x=self.x[rows],
            x_to=self.x_to[columns],
            y=self.y[rows],
            y_to=self.y_to[columns],
            a=a / a.sum(),
            b=b / b.sum(),
        )

    def without_shift(self) -> tuple["GroundCost", float]:
        """The problem with both sides centred on their own means, and what that takes off every plan's cost.

        For p = 2 a shift adds terms of the row and of the column alone, so the optimal plans are the same, and single
        precision is spent on what tells them apart. The class means move with the points, so their terms go as well.
        """
        if self.p != 2:
            return self, 0.0
        mean, mean_to = self.a @ self.x, self.b @ self.x_to
        of_row = self.labels.min(axis=1)
        of_column = (self.labels - of_row[:, None]).min(axis=0)
        labels = self.labels - of_row[:, None] - of_column  # >= 0
        moved = replace(self, x=self.x - mean, x_to=self.x_to - mean_to, labels=labels)
        of_labels = float(self.a @ of_row[self.y] + self.b @ of_column[self.y_to])
        return moved, self.lambda_x * float(((mean - mean_to) ** 2).sum()) + self.lambda_y * of_labels

    @cached_property
    def edges(self) -> tuple[np.ndarray, np.ndarray]:
        """First row of every class and the end, on either side; classes without points make no block."""
        return _edges(self.y), _edges(self.y_to)

    def of_pairs(self, rows: np.ndarray, columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Feature and label parts (k,) of the cost of some pairs, from direct differences: no digit is lost."""
        squared = np.empty(len(rows))
        step = max(1, _IN_CACHE // self.x.shape[1])
        for i in range(0, len(rows), step):
            difference = self.x[rows[i : i + step]] - self.x_to[columns[i : i + step]]  # (step, d)
            squared[i : i + step] = np.einsum("id,id->i", difference, difference)
        distance = squared if self.p == 2 else np.sqrt(squared)
        return self.lambda_x * distance, self.lambda_y * self.labels[self.y[rows], self.y_to[columns]]

    def dense(self, kind: type = np.float64) -> np.ndarray:
        """The whole matrix (n, m) in the given precision."""
        cost: np.ndarray = np.empty(self.shape, kind)
        for rows, block in self.blocks(kind=kind):
            cost[rows] = block
        return cost

    def blocks(self, g: np.ndarray | None = None, kind: type = np.float64) -> Iterator[tuple[slice, np.ndarray]]:
        """Bands of rows of the cost, or of cost minus g_j where a potential is given, as (rows, block (r, m))."""
        left, right = self._factors(g if self.p == 2 else None)
        left, right = left.astype(kind, copy=False), np.ascontiguousarray(right.T, kind)  # (k, m)
        step = max(1, _TILE // right.shape[1])
        for first in range(0, len(left), step):
            rows = slice(first, first + step)
            block = left[rows] @ right  # (r, m)
            if self.p == 1:
                block = self.lambda_x * np.sqrt(np.maximum(block, 0)).astype(kind)
                block -= 0 if g is None else g.astype(kind)
            if self.p == 1 or not self._one_hot:
                block += (self.lambda_y * self.labels).astype(kind)[self.y[rows]][:, self.y_to]
            if g is None:
                np.maximum(block, 0, out=block)
            yield rows, block

    def nearest(self, g: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The c-transform f_i = min_j C_ij - g_j (n,), and the column j (n,) where it is reached."""
        f, places = np.empty(self.shape[0]), np.empty(self.shape[0], np.int64)
        for rows, block in self.blocks(g):
            places[rows] = block.argmin(axis=1)
            f[rows] = np.take_along_axis(block, places[rows][:, None], axis=1)[:, 0]
        return f, places

    @property
    def _one_hot(self) -> bool:
        return min(self.labels.shape) <= _MAX_ONE_HOT

    def _factors(self, g: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
        """A (n, k) and B (m, k) with A B^T the cost, minus g_j; for p = 1 the squared feature distance alone."""
        scale = self.lambda_x if self.p == 2 else 1.0
        centre = (self.a @ self.x + self.b @ self.x_to) / 2  # centred points keep their digits in the product
        x, x_to = self.x - centre, self.x_to - centre
        last = scale * (x_to**2).sum(axis=1) - (0 if g is None else g)
        left = [x, scale * (x**2).sum(axis=1)[:, None], np.ones((len(x), 1))]
        right = [-2 * scale * x_to, np.ones((len(x_to), 1)), last[:, None]]
        if self.p == 2 and self._one_hot:
            labels = self.lambda_y * self.labels
            if labels.shape[0] < labels.shape[1]:
                left.append(np.eye(len(labels))[self.y])
                right.append(labels.T[self.y_to])
            else:
                left.append(labels[self.y])
                right.append(np.eye(labels.shape[1])[self.y_to])
        return np.concatenate(left, axis=1), np.concatenate(right, axis=1)


def _edges(y: np.ndarray) -> np.ndarray:
    return np.append(np.flatnonzero(np.r_[True, y[1:] != y[:-1]]), len(y))
