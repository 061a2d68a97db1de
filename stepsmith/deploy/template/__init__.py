"""A project as one CloudFormation template, one module for each kind of resource in it.

`assembly` is the way in. Pure but for the definitions it is handed: no AWS. Builds on `permissions`; knows no stack.
"""
