"""W240: a service of AWS, an action, an error or a way of waiting that does not exist.

Refuses `services.x.y` where the models of AWS's services, which botocore holds, know no such name: services are named
as in `boto3.client("x")` with underscores for hyphens (and `lambda_`), actions as methods of that client, errors as the
service calls them. Also refuses everything of `services` where botocore is not installed, and calls that Step Functions
does not make.

## Why

AWS would refuse the definition, or the call would fail when it is made.

## Example

```python
@workflow
def example(order: Order) -> None:
    services.dynamodb.putitem(TableName="orders", Item={"id": {"S": order.id}})
```

## Use instead

```python
@workflow
def example(order: Order) -> None:
    services.dynamodb.put_item(TableName="orders", Item={"id": {"S": order.id}})
```
"""

CODE = "W240"
