"""Letters on paper: set, collected into batches, handed to a printer."""
