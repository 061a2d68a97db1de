"""Settings of a project: `[tool.stepsmith]` of pyproject.toml, its stages, and what a call says instead.

Reads one file and calls nothing. Knows `options`, no template and no stack.
"""
