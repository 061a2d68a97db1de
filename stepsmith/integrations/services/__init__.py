"""Calls of AWS services: optimised and SDK integrations, jobs that are waited for, and JSON to boto3 and back.

Calls the clients it is handed; reads botocore's service models. A new service action is a row or a function here.
"""
