"""A lesson: the guided tour, a room that gathers anonymous answers, and what one desk of it may ask of the machine."""
