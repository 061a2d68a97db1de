"""Tasks, workflow functions, and the explicit states they are compiled to; pure but for reading source.

From the bottom: `rules` (a page for each code), `source`, `values`, `calls`, `lowered`, `explicit`, `tasks`,
`functions`, `machines`, `workflows`, `compiler`. A room imports those before it only.
"""
