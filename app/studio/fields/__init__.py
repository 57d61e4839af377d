"""The inputs of a block's form, one file for each type of setting."""
