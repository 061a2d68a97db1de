"""In which order: one workflow function for each module."""
