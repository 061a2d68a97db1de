"""Stacks on AWS: what a deployment would change, changing it, its progress, drift, and the way back.

The only part of this room that calls AWS. Builds on `template` and `packaging`.
"""
