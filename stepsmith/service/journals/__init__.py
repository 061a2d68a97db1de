"""Journals of executions as their users see them."""
