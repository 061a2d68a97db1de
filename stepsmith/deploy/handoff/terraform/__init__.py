"""The template of a project as a module for Terraform's provider `aws`."""
