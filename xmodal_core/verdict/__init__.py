"""What finished runs show: paired contrasts, the rules that answer from them, tables and one JSON object."""
