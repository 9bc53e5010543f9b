"""Reproducible measurements behind the figures in docs/results.md."""
