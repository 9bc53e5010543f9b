"""The stages that methods are composed of: each a dataclass of settings and a generator of steps."""
