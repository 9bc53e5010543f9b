"""Experiments: many runs for one answer. Which there are, which of them go on, and a process that trains them."""
