"""Deployment: a project as one CloudFormation template, packages, least rights, plans and progress."""
