"""Time series: files that hold nothing else, and tables that hold series by row or by cell."""
