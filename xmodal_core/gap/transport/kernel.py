"""The hot loops of large transport problems, compiled by numba once and cached, every core on a band of rows.

`exponential_sums` gives the row and column sums of exp((f_i + g_j - C_ij) / eps) from a single pass over the cost:
both halves of a Sinkhorn update and the marginals of its plan are read off them. `nearest_pairs` picks the pairs that
an optimal plan may use. The exponential is a polynomial because a call to the library function would keep the
compiler from using vector instructions.
"""

from itertools import pairwise
from typing import Any

import numpy as np
from numba import get_num_threads, njit, prange, types
from numba.extending import intrinsic, overload

_STRIP = 2048  # columns at a time: their sums stay in the first-level cache
_BAND = 256  # rows between two additions in double precision


@intrinsic
def _float_of_bits(typingctx: Any, bits: Any) -> Any:  # noqa: ARG001 - the signature is numba's
    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.bitcast(args[0], context.get_value_type(signature.return_type))

    return (types.float32 if bits == types.int32 else types.float64)(bits), generate


def _exp(x: Any) -> Any:
    """exp(x) of a single or double precision number, relative error below 3e-7 or 3e-14, clipped far from zero."""
    return np.exp(x)


@overload(_exp, jit_options={"fastmath": True}, inline="always")
def _exp_compiled(x: Any) -> Any:
    def single(x: Any) -> Any:
        x = max(np.float32(-87.0), min(np.float32(88.0), x))
        whole = np.floor(x * np.float32(1.44269504) + np.float32(0.5))
        rest = x - whole * np.float32(0.693359375) + whole * np.float32(2.12194440e-4)  # x - whole log 2, in two parts
        p = np.float32(1.3938571e-3) * rest + np.float32(8.3334519e-3)
        p = p * rest + np.float32(4.1666642e-2)
        p = p * rest + np.float32(1.6666667e-1)
        p = p * rest + np.float32(0.5)
        p = p * rest + np.float32(1.0)
        p = p * rest + np.float32(1.0)
        return p * _float_of_bits(np.int32((np.int32(whole) + np.int32(127)) << np.int32(23)))

    def double(x: Any) -> Any:
        x = max(-700.0, min(700.0, x))
        whole = np.floor(x * 1.4426950408889634 + 0.5)
        rest = x - whole * 0.693145751953125 - whole * 1.4286068203094173e-06
        p = 1.0 + rest / 12.0  # Taylor in Horner form: |rest| < 0.35, so degree 12 leaves 2e-16
        p = 1.0 + rest / 11.0 * p
        p = 1.0 + rest / 10.0 * p
        p = 1.0 + rest / 9.0 * p
        p = 1.0 + rest / 8.0 * p
        p = 1.0 + rest / 7.0 * p
        p = 1.0 + rest / 6.0 * p
        p = 1.0 + rest / 5.0 * p
        p = 1.0 + rest / 4.0 * p
        p = 1.0 + rest / 3.0 * p
        p = 1.0 + rest / 2.0 * p
        p = 1.0 + rest * p
        return p * _float_of_bits((np.int64(whole) + np.int64(1023)) << np.int64(52))

    return single if x == types.float32 else double


@njit(fastmath=True, parallel=True, cache=True, nogil=True)
def _sums(cost: Any, f: Any, g: Any, scale: Any, edges: Any, rows: Any, parts: Any) -> None:
    n = len(cost)
    for t in prange(len(parts)):
        first, last = t * n // len(parts), (t + 1) * n // len(parts)
        band = np.empty(_STRIP, cost.dtype)
        parts[t] = 0
        for s in range(len(edges) - 1):
            left, width = edges[s], edges[s + 1] - edges[s]
            strip_g, strip_band = g[left : left + width], band[:width]
            for top in range(first, last, _BAND):
                strip_band[:] = 0
                for i in range(top, min(top + _BAND, last)):
                    line, own, total = cost[i, left : left + width], f[i], band.dtype.type(0)
                    for j in range(width):
                        k = _exp((own + strip_g[j] - line[j]) * scale)
                        total += k
                        strip_band[j] += k
                    rows[i, s] = total
                for j in range(width):
                    parts[t, left + j] += strip_band[j]


def strips(edges: np.ndarray) -> np.ndarray:
    """Edges of column strips: the given ones (ascending, from 0 to m), and more where a strip would leave the cache."""
    cut = [np.arange(a, b, _STRIP) for a, b in pairwise(edges)]
    return np.append(np.concatenate(cut), edges[-1]).astype(np.int64)


def exponential_sums(
    cost: np.ndarray, f: np.ndarray, g: np.ndarray, eps: float, edges: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Sums of exp((f_i + g_j - C_ij) / eps) for a cost (n, m) in single or double precision, from one pass.

    Args:
        cost: (n, m) float32 or float64, C-contiguous; the exponential has its precision.
        f: potential of the rows (n,).
        g: potential of the columns (m,).
        eps: temperature.
        edges: (s + 1,) from `strips`.

    Returns:
        Sums over every strip of columns (n, s), and over the rows (m,) float64.
    """
    n, m = cost.shape
    kind = cost.dtype
    rows, parts = np.empty((n, len(edges) - 1), kind), np.empty((min(get_num_threads(), n), m))
    _sums(cost, f.astype(kind), g.astype(kind), kind.type(1 / eps), edges, rows, parts)
    return rows, parts.sum(axis=0)


@njit(parallel=True, cache=True, nogil=True)
def _nearest_in_rows(cost: Any, g: Any, places: Any) -> None:
    n, k = places.shape
    for i in prange(n):
        line, own = cost[i], places[i]
        kept, worst = np.full(k, np.inf, cost.dtype), cost.dtype.type(np.inf)
        for j in range(len(line)):
            value = line[j] - g[j]
            if value < worst:
                at = k - 1
                while at > 0 and kept[at - 1] > value:
                    kept[at], own[at] = kept[at - 1], own[at - 1]
                    at -= 1
                kept[at], own[at] = value, j
                worst = kept[k - 1]


@njit(parallel=True, cache=True, nogil=True)
def _nearest_in_columns(cost: Any, f: Any, places: Any) -> None:
    m, k = places.shape
    width = 512
    for s in prange((m + width - 1) // width):
        left, right = s * width, min((s + 1) * width, m)
        kept = np.full((right - left, k), np.inf, cost.dtype)
        for i in range(len(cost)):
            for j in range(left, right):
                value = cost[i, j] - f[i]
                if value < kept[j - left, k - 1]:
                    at = k - 1
                    while at > 0 and kept[j - left, at - 1] > value:
                        kept[j - left, at], places[j, at] = kept[j - left, at - 1], places[j, at - 1]
                        at -= 1
                    kept[j - left, at], places[j, at] = value, i


def nearest_pairs(cost: np.ndarray, f: np.ndarray, g: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows and columns (p,) of the k cheapest columns of every row and k cheapest rows of every column.

    Cheap means by reduced cost C_ij - f_i - g_j; the pairs are distinct and sorted by row.
    """
    n, m = cost.shape
    in_rows, in_columns = np.empty((n, min(k, m)), np.int64), np.empty((m, min(k, n)), np.int64)
    _nearest_in_rows(cost, g.astype(cost.dtype), in_rows)
    _nearest_in_columns(cost, f.astype(cost.dtype), in_columns)
    of_rows = np.arange(n)[:, None] * m + in_rows  # (n, k), a pair as one number
    of_columns = in_columns * m + np.arange(m)[:, None]  # (m, k)
    pairs = distinct(np.concatenate([of_rows.ravel(), of_columns.ravel()]))
    return pairs // m, pairs % m


def distinct(numbers: np.ndarray) -> np.ndarray:
    """The distinct numbers (k,), ascending; sorting is many times faster here than the hashing of `np.unique`."""
    numbers = np.sort(numbers)
    return numbers[np.r_[True, numbers[1:] != numbers[:-1]]]


def load_compiled() -> None:
    """Compile, or read from the cache on disk, what every reading of a few hundred rows needs: seconds once."""
    cost = np.ones((2, 2), np.float32)
    exponential_sums(cost, np.zeros(2), np.zeros(2), 1.0, np.array([0, 2]))
    nearest_pairs(cost, np.zeros(2), np.zeros(2), 1)
