"""One module for each kind of resource in a template."""
