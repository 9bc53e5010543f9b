"""A person's workspace as a folder: taken away in one file, taken in elsewhere, moved, and kept within its room."""
