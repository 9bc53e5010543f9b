"""What samples are, told from shape, type and values; one module a number of axes."""
