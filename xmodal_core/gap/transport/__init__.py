"""Optimal transport of weighted, labelled points: exact with a certificate, or with bounds."""

from xmodal_core.gap.transport.exact import Coupling, optimal_cost, optimal_coupling

__all__ = ["Coupling", "optimal_cost", "optimal_coupling"]
