"""What is looked after in the background, one file each: found by a scan, so that a new one touches nothing else."""
