"""Media transformation on demand: pictures are made when somebody asks for them, and kept for the next one."""
