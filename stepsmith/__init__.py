"""Write AWS Step Functions workflows as typed Python functions."""
