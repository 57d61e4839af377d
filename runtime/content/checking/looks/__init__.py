"""One look a file; each module holds a ``LOOK``."""
