"""State machines inside of templates: SAM, CloudFormation, what the CDK writes, Serverless and Terraform.

Finds their definitions, with what stands for references as placeholders, and the Python functions that they name.
Reads files; imports a function's module only when it is called.
"""
