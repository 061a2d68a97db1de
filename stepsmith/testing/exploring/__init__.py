"""Exploring: everything that can go wrong with a workflow, tried in order instead of drawn."""
