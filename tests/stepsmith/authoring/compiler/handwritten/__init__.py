"""Workflow functions beside the same machines as somebody who knows the language writes them."""
