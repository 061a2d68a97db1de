"""A project as one CloudFormation template, one module for each kind of resource in it.

`assembly` is the way in. Nothing here calls AWS. Builds on `permissions`; knows no stack and no package.
"""
