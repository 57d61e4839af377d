"""Whether what arrives is as much and as complete as usual."""
