"""Packages of Lambda functions: reproducible zips of the project's code and of what it needs.

Reads the project's files and lock and runs uv; nothing here calls AWS. Knows `application`, no template and no stack.
"""
