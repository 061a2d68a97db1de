"""Hand-off: the template of a project as a module for SAM, the CDK or Terraform.

Turns a template into files and calls nothing. Builds on `template`.
"""
