"""Entropic transport by Sinkhorn updates on two levels: points, and classes as blocks.

    min_P <P, C> + eps KL(P | a b^T),   P_ij = a_i b_j exp((f_i + g_j - C_ij) / eps)

Mass that has to move between well separated classes crosses a nearly empty part of the plan, and plain updates need
thousands of passes for it. Here the masses that the plan sends from class to class are summed in the same pass, and a
(K_s, K_t) scaling problem brings them to their marginals at once.

Reference: Cuturi, NeurIPS 2013; Thibault et al. 2021 for over-relaxation; the block step is aggregation as in
multigrid methods for Markov chains (Chatelin and Miranker 1982).
"""

from dataclasses import dataclass

import numpy as np

from xmodal_core.gap.transport.passes import passes

_PASSES_A_TEMPERATURE = 3
_RELAXATION = 1.5  # at the last temperature; 1 is the average of both updates
_LARGEST_STEP = 8.0  # in units of eps: a longer one has left the region where the update is meant
_BLOCK_ROUNDS = 20


@dataclass(frozen=True, eq=False)
class Potentials:
    """Result of Sinkhorn updates: P_ij = a_i b_j exp((f_i + g_j - C_ij) / eps).

    Attributes:
        f, g: (n,), (m,).
        eps: temperature.
        misplaced: share of the mass that is off its row marginal.
        passes: over the cost.
    """

    f: np.ndarray
    g: np.ndarray
    eps: float
    misplaced: float
    passes: int


def sinkhorn(
    cost: np.ndarray,
    a: np.ndarray,
    b: np.ndarray,
    edges: tuple[np.ndarray, np.ndarray],
    eps: float,
    converged: float = 1e-2,
    max_passes: int = 100,
) -> Potentials:
    """Potentials at temperature eps, annealed from the largest cost.

    Args:
        cost: (n, m) float32, rows and columns sorted by class.
        a: masses of the rows (n,), adding up to 1.
        b: masses of the columns (m,).
        edges: first row and first column of every class, and the ends.
        eps: temperature, in units of the cost.
        converged: share of the mass that may be left off its row marginal.
        max_passes: over the cost at the last temperature.
    """
    solver = _TwoLevel(cost, a, b, edges)
    step = max(float(cost.max()), eps)
    while step > eps:
        for _ in range(_PASSES_A_TEMPERATURE):
            solver.update(step, 1.0)
        step /= 2
    relaxation, before, misplaced = _RELAXATION, np.inf, np.inf
    for _ in range(max_passes):
        misplaced = solver.update(eps, relaxation)
        if misplaced < converged:
            break
        relaxation = 1.0 if misplaced > 2 * before else relaxation
        before = min(before, misplaced)
    return Potentials(solver.f, solver.g, eps, misplaced, solver.passes)


class _TwoLevel:
    """Potentials in the course of their updates."""

    def __init__(self, cost: np.ndarray, a: np.ndarray, b: np.ndarray, edges: tuple[np.ndarray, np.ndarray]) -> None:
        from xmodal_core.gap.transport.kernel import strips

        self.log_a, self.log_b = np.log(a), np.log(b)
        self.row_edges, self.column_edges = edges
        edges_of_strips = strips(self.column_edges)
        self.sums = passes(cost, edges_of_strips)
        self.first_strip = np.searchsorted(edges_of_strips, self.column_edges[:-1])
        self.block_mass = np.add.reduceat(a, self.row_edges[:-1]), np.add.reduceat(b, self.column_edges[:-1])
        self.a = a
        # Product of the masses: the plan at infinite temperature.
        self.f, self.g = np.zeros(len(a)), np.zeros(len(b))
        self.eps, self.passes = np.inf, 0

    def update(self, eps: float, relaxation: float) -> float:
        """One pass: half an update of both potentials, then of the blocks; returns the misplaced mass before."""
        f, g = self.f + eps * self.log_a, self.g + eps * self.log_b  # dual potentials carry no mass across eps
        by_strip, columns = self.sums(f, g, eps)
        rows = by_strip.sum(axis=1, dtype=np.float64)
        step_f, step_g = self.log_a - np.log(rows), self.log_b - np.log(columns)
        misplaced = float(np.abs(rows - self.a).sum())
        step_f, step_g = (np.clip(relaxation * s / 2, -_LARGEST_STEP, _LARGEST_STEP) for s in (step_f, step_g))
        scale_f, scale_g = self._block_steps(by_strip, columns, step_f, step_g)
        self.f += eps * (step_f + scale_f)
        self.g += eps * (step_g + scale_g)
        self.passes += 1
        return misplaced

    def _block_steps(
        self, by_strip: np.ndarray, columns: np.ndarray, step_f: np.ndarray, step_g: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Logarithms of the factors (n,), (m,) per class that bring the plan's block masses to their marginals."""
        weighted = by_strip * np.exp(step_f)[:, None]  # (n, strips)
        blocks = np.add.reduceat(np.add.reduceat(weighted, self.row_edges[:-1], axis=0), self.first_strip, axis=1)
        grown = np.add.reduceat(columns * np.exp(step_g), self.column_edges[:-1])
        blocks = np.asarray(blocks * (grown / np.add.reduceat(columns, self.column_edges[:-1])), np.float64)
        u, v = _balance(blocks, *self.block_mass)
        sizes = np.diff(self.row_edges), np.diff(self.column_edges)
        return np.repeat(np.log(u), sizes[0]), np.repeat(np.log(v), sizes[1])


def _balance(blocks: np.ndarray, a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Factors u (K_s,), v (K_t,) so that u M v has the marginals a and b, as far as a few rounds get."""
    blocks = np.maximum(blocks, 1e-30)
    v = np.ones(len(b))
    for _ in range(_BLOCK_ROUNDS):
        u = a / (blocks @ v)
        better = b / (u @ blocks)
        settled = float(np.abs(better / v - 1).max()) < 1e-6
        v = better
        if settled:
            break
    limit = np.exp(_LARGEST_STEP)
    return np.clip(u, 1 / limit, limit), np.clip(v, 1 / limit, limit)
