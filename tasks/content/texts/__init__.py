"""What is done to texts: cleaning, telling languages, finding topics, comparing. Pure."""
