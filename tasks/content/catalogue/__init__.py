"""What readers look at: one SQLite file with all articles and an index of their words, and the copy in this process."""
