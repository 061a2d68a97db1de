"""What power tuning asks of AWS Lambda, and what it reads from its answers.

Calls the client it is handed: of AWS, or the model in `local`.
"""
