"""CloudFormation's resources of the services that the cloud plays itself; moto plays CloudFormation and makes the rest.

One file a subject says how they are made, changed and deleted by the APIs of their services; `models` shows them
to moto.
"""
