"""What the business does: models, errors and task functions, one module or folder for each area."""
