"""Functions and methods of Python that have a form in JSONata."""
