"""The local cloud: the services that start workflows and that workflows use, in this process.

`services` says what a service is; `actions` is Step Functions itself; each other service has a folder of its own, and
what none of them plays is moto's. `agenda` is their time, `local` puts them together. May touch `stepsmith.service` and
everything below it; boto3 and moto are loaded when a cloud is made.
"""
