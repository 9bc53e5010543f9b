"""The gap panel: one request, every reading under one protocol, and what the readings say."""
