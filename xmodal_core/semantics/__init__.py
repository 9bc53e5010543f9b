"""What class names mean: a check of the names, their vectors, a graph over them, and a frozen network on the graph."""
