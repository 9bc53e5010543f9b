"""Core values -> plotly figures. No widgets, no torch; plotly is imported where a figure is made."""
