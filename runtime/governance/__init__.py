"""From a draft to a version that may run."""
