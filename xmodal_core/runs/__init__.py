"""Runs: what is to be run, its directory, and the processes that train it."""
