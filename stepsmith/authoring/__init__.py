"""Tasks, workflow functions, and the explicit states they are compiled to; pure but for reading source."""
