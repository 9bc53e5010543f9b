"""What is taken away from a comparison: tables, references, commands, a bundle of runs, one page with everything."""
