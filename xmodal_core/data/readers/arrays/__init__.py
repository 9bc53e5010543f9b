"""Files of named arrays: one module a format, and one interpreter of what their arrays are for."""
