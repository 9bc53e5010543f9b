"""Knowledge reuse of a run: what its body still knows of the source, at its end and along the way.

Everything is read from the run directory: the specification, the checkpoint, the step records and the waypoints.
`diagnostics` are pure functions of arrays; this face imports nothing, for they are used without torch.
"""
