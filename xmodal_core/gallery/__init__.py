"""Finished runs that ship: data with their gap, an alignment, and what it was worth, made from fixed seeds."""
