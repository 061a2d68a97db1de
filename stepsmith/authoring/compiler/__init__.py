"""Python statements to explicit states."""
