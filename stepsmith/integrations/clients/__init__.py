"""boto3 clients: the registry, the services played in this process, and accounts on AWS.

The only part of this room that makes clients; local services are moto's and our own Rekognition. Knows nothing above.
"""
