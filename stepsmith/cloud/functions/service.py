"""Lambda: its operations on the functions of all accounts and regions."""

from __future__ import annotations

import base64
import io
import json
import threading
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from stepsmith.cloud.agenda import Agenda
from stepsmith.cloud.answers import add_tags, page, remove_tags
from stepsmith.cloud.deliveries import Deliveries, Parcel
from stepsmith.cloud.functions.asynchronous import Asynchronous
from stepsmith.cloud.functions.calling import Calls, Outcome
from stepsmith.cloud.functions.event_settings import EventSettings, check_given, qualified
from stepsmith.cloud.functions.function import (
    LATEST,
    Called,
    Code,
    Duration,
    Function,
    Handler,
    Version,
    called,
    settings_of,
)
from stepsmith.cloud.services import UNKNOWN, Caller, ServiceError

Parameters: TypeAlias = Mapping[str, Any]
Operation: TypeAlias = Callable[[Parameters, Caller], dict[str, Any]]
Unpacked: TypeAlias = Callable[[bytes, Mapping[str, Any]], Code]
"""Makes what is run of a zip and the configuration of its function."""

LARGEST_EVENT: Final = 1_048_576
_PAGE: Final = 50


class Functions:
    """The service; `wait` lets time pass while somebody waits for an answer."""

    def __init__(
        self, agenda: Agenda, deliveries: Deliveries, wait: Callable[[float, Callable[[], bool]], None]
    ) -> None:
        self._agenda = agenda
        self._wait = wait
        self._lock = threading.RLock()
        self._functions: dict[str, Function] = {}
        self.calls = Calls(agenda)
        self._event_settings = EventSettings(agenda, self.find)
        self._asynchronous = Asynchronous(agenda, self.calls, self._event_settings, deliveries)
        self.unpack: Unpacked | None = None
        """How code that comes as a zip is run; without it such code is refused."""
        self.fetch: Callable[[Caller, Mapping[str, str]], bytes] | None = None
        """Reads a zip that lies in a bucket: `Bucket`, `Key` and perhaps `VersionId`."""
        self.on_deleted: Callable[[str], None] = lambda arn: None
        self.more: dict[str, Operation] = {}
        """Operations of Lambda that others answer, such as those on event source mappings."""
        deliveries.register("lambda", self._delivered)
        self._operations: dict[str, Operation] = {
            "AddPermission": self._add_permission,
            "CreateAlias": self._create_alias,
            "CreateFunction": self._create,
            "DeleteAlias": self._delete_alias,
            "DeleteFunction": self._delete,
            "DeleteFunctionConcurrency": self._delete_concurrency,
            "DeleteFunctionEventInvokeConfig": self._delete_event_settings,
            "GetAlias": lambda given, caller: self._alias(given, caller)[1],
            "GetFunction": self._get,
            "GetFunctionConcurrency": self._get_concurrency,
            "GetFunctionConfiguration": self._configuration,
            "GetFunctionEventInvokeConfig": self._get_event_settings,
            "GetPolicy": self._policy,
            "ListAliases": self._list_aliases,
            "ListFunctionEventInvokeConfigs": self._list_event_settings,
            "ListFunctions": self._list,
            "ListTags": self._list_tags,
            "ListVersionsByFunction": self._list_versions,
            "PublishVersion": self._publish,
            "PutFunctionConcurrency": self._put_concurrency,
            "PutFunctionEventInvokeConfig": lambda given, caller: self._put_event_settings(
                given, caller, False
            ),
            "RemovePermission": self._remove_permission,
            "TagResource": self._tag,
            "UntagResource": self._untag,
            "UpdateAlias": self._update_alias,
            "UpdateFunctionCode": self._update_code,
            "UpdateFunctionConfiguration": self._update,
            "UpdateFunctionEventInvokeConfig": lambda given, caller: self._put_event_settings(
                given, caller, True
            ),
        }

    def call(self, operation: str, parameters: Parameters, caller: Caller) -> dict[str, Any]:
        """Carry out an operation of Lambda. Raises ServiceError."""
        if operation == "Invoke":
            return self._invoke(parameters, caller)
        found = self._operations.get(operation) or self.more.get(operation)
        if found is None:
            text = f"{operation} is not answered by the local cloud"
            raise ServiceError(UNKNOWN, text, status=404)
        if operation in ("CreateFunction", "UpdateFunctionCode"):
            parameters = self._with_zip(operation, parameters, caller)
        with self._lock:
            return found(parameters, caller)

    # -- for the rest of the cloud ------------------------------------------------------

    def define(
        self,
        name: str,
        handler: Handler,
        *,
        caller: Caller | None = None,
        duration: Duration | None = None,
        **settings: Any,
    ) -> str:
        """Make a function of a Python function of an event and a context; return its ARN.

        `settings` are as CreateFunction takes them, `Timeout` and `Environment` among them.
        """
        code = Code(handler) if duration is None else Code(handler, duration)
        return self._make(name, code, settings, caller or Caller()).arn

    def find(self, arn: str) -> Function | None:
        """Return the function of an ARN, whatever its qualifier; None where there is none."""
        return self._functions.get(":".join(arn.split(":")[:7]))

    def accept(self, arn: str, payload: str) -> bool:
        """Take an event for a function, which is called as soon as there is time; False where there is none."""
        with self._lock:
            found = self.find_version(arn)
            if found is None:
                return False
            self._asynchronous.accept(*found, called(arn).qualifier, payload)
            return True

    def find_version(self, arn: str) -> tuple[Function, Version] | None:
        """Return the function of an ARN and the version that its qualifier names; None where there is none."""
        function = self.find(arn)
        version = function.version(called(arn).qualifier) if function else None
        return (function, version) if function and version else None

    def _delivered(self, arn: str, parcel: Parcel) -> bool:
        return self.accept(arn, parcel.text)

    # -- functions ----------------------------------------------------------------------

    def _make(self, name: str, code: Code, settings: Mapping[str, Any], caller: Caller) -> Function:
        arn = caller.arn("lambda", f"function:{name}")
        version = Version(LATEST, code, settings_of(settings), self._stamp())
        made = self._functions[arn] = Function(name, arn, version)
        return made

    def _create(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        name = called(given["FunctionName"]).name
        arn = caller.arn("lambda", f"function:{name}")
        if arn in self._functions:
            raise ServiceError("ResourceConflictException", f"Function already exist: {name}", status=409)
        function = self._make(name, self._unpacked(given.get("Code") or {}, given), given, caller)
        tags: Mapping[str, str] = given.get("Tags") or {}
        function.tags.update(tags)
        if given.get("Publish"):
            return function.shown(function.publish(None), "1")
        return function.shown(function.latest)

    def _unpacked(self, code: Mapping[str, Any], settings: Mapping[str, Any]) -> Code:
        content = code.get("ZipFile")
        if self.unpack is None or not content:
            raise _invalid(
                "The local cloud runs code that comes as a ZipFile, and functions defined in Python."
            )
        return self.unpack(content, settings)

    def _with_zip(self, operation: str, given: Parameters, caller: Caller) -> Parameters:
        """Give parameters with the zip that they name in a bucket, which is read before anything is held here."""
        from botocore.exceptions import ClientError

        is_new = operation == "CreateFunction"
        code: Mapping[str, Any] = (given.get("Code") or {}) if is_new else given
        if self.fetch is None or code.get("ZipFile") or not (code.get("S3Bucket") and code.get("S3Key")):
            return given
        place = {"Bucket": str(code["S3Bucket"]), "Key": str(code["S3Key"])}
        if code.get("S3ObjectVersion"):
            place["VersionId"] = str(code["S3ObjectVersion"])
        try:
            content = self.fetch(caller, place)
        except ClientError as error:
            said = error.response.get("Error", {})
            raise _invalid(
                "Error occurred while GetObject. "
                f"S3 Error Code: {said.get('Code')}. S3 Error Message: {said.get('Message')}"
            ) from None
        return {**given, "Code": {"ZipFile": content}} if is_new else {**given, "ZipFile": content}

    def _of(self, given: Parameters, caller: Caller, *, at_all: bool = False) -> tuple[Function, Called]:
        """Find the function that a call names, and perhaps the version. Raises ServiceError where there is none."""
        by = called(str(given["FunctionName"]), given.get("Qualifier"))
        owner = Caller(by.region or caller.region, by.account or caller.account)
        function = self._functions.get(owner.arn("lambda", f"function:{by.name}"))
        if function is None or (not at_all and function.version(by.qualifier) is None):
            suffix = f":{by.qualifier}" if by.qualifier else ""
            arn = owner.arn("lambda", f"function:{by.name}{suffix}")
            raise ServiceError("ResourceNotFoundException", f"Function not found: {arn}", status=404)
        return function, by

    def _version(self, given: Parameters, caller: Caller) -> tuple[Function, Version, str | None]:
        function, by = self._of(given, caller)
        version = function.version(by.qualifier)
        assert version is not None
        return function, version, by.qualifier

    def _get(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        function, version, qualifier = self._version(given, caller)
        found: dict[str, Any] = {
            "Configuration": function.shown(version, qualifier),
            "Code": {"RepositoryType": "S3", "Location": f"https://{caller.region}.local/{function.name}"},
        }
        if function.tags:
            found["Tags"] = dict(function.tags)
        if function.concurrency is not None:
            found["Concurrency"] = {"ReservedConcurrentExecutions": function.concurrency}
        return found

    def _configuration(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        function, version, qualifier = self._version(given, caller)
        return function.shown(version, qualifier)

    def _list(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        start = caller.arn("lambda", "function:")
        found = [each for arn, each in self._functions.items() if arn.startswith(start)]
        if given.get("FunctionVersion") == "ALL":
            shown = [
                each.shown(version, version.number) for each in found for version in each.versions.values()
            ]
        else:
            shown = [each.shown(each.latest) for each in found]
        return _listed(shown, "Functions", given)

    def _update(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        function, _ = self._of(given, caller)
        latest = function.latest
        settings = {**latest.settings, **settings_of(given)}
        function.versions[LATEST] = Version(LATEST, latest.code, settings, self._stamp())
        return function.shown(function.latest)

    def _update_code(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        function, _ = self._of(given, caller)
        latest = function.latest
        code = self._unpacked(given, latest.settings)
        function.versions[LATEST] = Version(LATEST, code, latest.settings, self._stamp())
        if given.get("Publish"):
            return self._publish(given, caller)
        return function.shown(function.latest)

    def _delete(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        function, by = self._of(given, caller)
        if by.qualifier in (None, LATEST):
            del self._functions[function.arn]
            self._event_settings.forget(function.arn)
            self.on_deleted(function.arn)
        else:
            function.versions.pop(by.qualifier or "", None)
        return {}

    # -- versions and aliases -----------------------------------------------------------

    def _publish(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        function, _ = self._of(given, caller)
        version = function.publish(given.get("Description"))
        return function.shown(version, version.number)

    def _list_versions(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        function, _ = self._of(given, caller)
        shown = [function.shown(each, each.number) for each in function.versions.values()]
        return _listed(shown, "Versions", given)

    def _create_alias(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        function, _ = self._of(given, caller)
        name = given["Name"]
        arn = f"{function.arn}:{name}"
        if name in function.aliases:
            raise ServiceError("ResourceConflictException", f"Alias already exists: {arn}", status=409)
        return self._set_alias(function, name, given, {})

    def _update_alias(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        function, alias = self._alias(given, caller)
        return self._set_alias(function, given["Name"], given, alias)

    def _set_alias(
        self, function: Function, name: str, given: Parameters, before: dict[str, Any]
    ) -> dict[str, Any]:
        names = ("FunctionVersion", "Description", "RoutingConfig")
        chosen = {each: given[each] for each in names if given.get(each) is not None}
        made = {"Description": "", **before, "AliasArn": f"{function.arn}:{name}", "Name": name, **chosen}
        if made["FunctionVersion"] not in function.versions:
            arn = f"{function.arn}:{made['FunctionVersion']}"
            raise ServiceError("ResourceNotFoundException", f"Function not found: {arn}", status=404)
        function.aliases[name] = made
        return made

    def _alias(self, given: Parameters, caller: Caller) -> tuple[Function, dict[str, Any]]:
        function, _ = self._of({"FunctionName": given["FunctionName"]}, caller)
        alias = function.aliases.get(given["Name"])
        if alias is None:
            text = f"Cannot find alias arn: {function.arn}:{given['Name']}"
            raise ServiceError("ResourceNotFoundException", text, status=404)
        return function, alias

    def _delete_alias(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        function, _ = self._of({"FunctionName": given["FunctionName"]}, caller)
        function.aliases.pop(given["Name"], None)
        return {}

    def _list_aliases(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        function, _ = self._of(given, caller)
        return _listed(list(function.aliases.values()), "Aliases", given)

    # -- concurrency, tags, rights ------------------------------------------------------

    def _put_concurrency(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        function, _ = self._of(given, caller)
        function.concurrency = given["ReservedConcurrentExecutions"]
        return {"ReservedConcurrentExecutions": function.concurrency}

    def _get_concurrency(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        function, _ = self._of(given, caller)
        return {} if function.concurrency is None else {"ReservedConcurrentExecutions": function.concurrency}

    def _delete_concurrency(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        self._of(given, caller)[0].concurrency = None
        return {}

    def _tagged(self, given: Parameters, caller: Caller) -> Function:
        return self._of({"FunctionName": given["Resource"]}, caller)[0]

    def _list_tags(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        return {"Tags": dict(self._tagged(given, caller).tags)}

    def _tag(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        return add_tags(self._tagged(given, caller).tags, given["Tags"])

    def _untag(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        return remove_tags(self._tagged(given, caller).tags, given["TagKeys"])

    def _add_permission(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        function, by = self._of(given, caller)
        statements = function.policies.setdefault(by.qualifier or "", [])
        if any(each["Sid"] == given["StatementId"] for each in statements):
            text = (
                f"The statement id ({given['StatementId']}) provided already exists. "
                "Please provide a new statement id, or remove the existing statement."
            )
            raise ServiceError("ResourceConflictException", text, status=409)
        principal = given["Principal"]
        who = {"Service": principal} if principal.endswith(".amazonaws.com") else {"AWS": principal}
        statement: dict[str, Any] = {
            "Sid": given["StatementId"],
            "Effect": "Allow",
            "Principal": who,
            "Action": given["Action"],
            "Resource": function.arn + (f":{by.qualifier}" if by.qualifier else ""),
        }
        if given.get("SourceArn"):
            statement["Condition"] = {"ArnLike": {"AWS:SourceArn": given["SourceArn"]}}
        statements.append(statement)
        return {"Statement": json.dumps(statement)}

    def _policy(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        function, by = self._of(given, caller)
        statements = function.policies.get(by.qualifier or "")
        if not statements:
            raise ServiceError(
                "ResourceNotFoundException", "The resource you requested does not exist.", status=404
            )
        policy = {"Version": "2012-10-17", "Id": "default", "Statement": statements}
        return {"Policy": json.dumps(policy), "RevisionId": function.latest.revision}

    def _remove_permission(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        function, by = self._of(given, caller)
        statements = function.policies.get(by.qualifier or "", [])
        left = [each for each in statements if each["Sid"] != given["StatementId"]]
        if len(left) == len(statements):
            text = f"Statement {given['StatementId']} is not found in resource policy."
            raise ServiceError("ResourceNotFoundException", text, status=404)
        function.policies[by.qualifier or ""] = left
        return {}

    # -- settings of calls that nobody waits for ----------------------------------------

    def _put_event_settings(self, given: Parameters, caller: Caller, merged: bool) -> dict[str, Any]:
        check_given(given)
        by = called(str(given["FunctionName"]), given.get("Qualifier"))
        function = self._functions.get(self._arn(by, caller))
        if function is None or function.version(by.qualifier) is None:
            raise _no_function()
        return self._event_settings.put(function, qualified(by.qualifier), given, merged=merged)

    def _get_event_settings(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        by = called(str(given["FunctionName"]), given.get("Qualifier"))
        return self._event_settings.get(self._arn(by, caller), qualified(by.qualifier))

    def _delete_event_settings(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        by = called(str(given["FunctionName"]), given.get("Qualifier"))
        self._event_settings.delete(self._arn(by, caller), qualified(by.qualifier))
        return {}

    def _list_event_settings(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        arn = self._arn(called(str(given["FunctionName"])), caller)
        if arn not in self._functions:
            raise _no_function()
        return {"FunctionEventInvokeConfigs": self._event_settings.listed(arn)}

    def _arn(self, by: Called, caller: Caller) -> str:
        owner = Caller(by.region or caller.region, by.account or caller.account)
        return owner.arn("lambda", f"function:{by.name}")

    # -- calls --------------------------------------------------------------------------

    def invoke_at_once(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        """Answer Invoke for somebody for whom no time may pass: what the call takes does not count then."""
        return self._invoke(given, caller, at_once=True)

    def _invoke(self, given: Parameters, caller: Caller, *, at_once: bool = False) -> dict[str, Any]:
        with self._lock:
            function, version, qualifier = self._version(given, caller)
            payload = _payload(given.get("Payload"))
            kind = given.get("InvocationType") or "RequestResponse"
            if kind == "DryRun":
                return {"StatusCode": 204}
            if kind == "Event":
                self._asynchronous.accept(function, version, qualifier, payload)
                return {"StatusCode": 202, "Payload": io.BytesIO(b"")}
            if function.is_busy:
                text = "Rate Exceeded."
                more = {"Reason": "ReservedFunctionConcurrentInvocationLimitExceeded", "Type": "User"}
                raise ServiceError("TooManyRequestsException", text, status=429, more=more)
        outcomes: list[Outcome] = []
        if at_once or self.calls.aside is not None:  # this is a thread that nobody waits for
            outcomes.append(self.calls.outcome(function, version, payload))
        else:
            seconds = self.calls.begin(function, version, payload, outcomes.append)
            if not outcomes:
                self._wait(self._agenda.now() + seconds, lambda: bool(outcomes))
        found: dict[str, Any] = {
            "StatusCode": 200,
            "ExecutedVersion": version.number,
            "Payload": io.BytesIO(outcomes[0].payload.encode()),
        }
        if outcomes[0].error is not None:
            found["FunctionError"] = outcomes[0].error
        if given.get("LogType") == "Tail":
            id = outcomes[0].request_id
            lines = f"START RequestId: {id} Version: {version.number}\nEND RequestId: {id}\n"
            found["LogResult"] = base64.b64encode(lines.encode()).decode()
        return found

    def _stamp(self) -> str:
        return self._agenda.today().isoformat(timespec="milliseconds").replace("+00:00", "+0000")


def _payload(given: Any) -> str:
    """Read the event of a call. Raises ServiceError where it is no JSON, or too large."""
    raw = given.read() if hasattr(given, "read") else given
    content = raw.encode() if isinstance(raw, str) else bytes(raw or b"")
    if len(content) > LARGEST_EVENT * 6:
        text = f"{len(content)} byte payload is too large for the RequestResponse invocation type (limit 6291456 bytes)"
        raise ServiceError("RequestEntityTooLargeException", text, status=413)
    try:
        text = content.decode()
        if text:
            json.loads(text)
    except (ValueError, RecursionError) as error:
        reason = f"Could not parse request body into json: {error}"
        raise ServiceError("InvalidRequestContentException", reason) from None
    return text


def _invalid(text: str) -> ServiceError:
    return ServiceError("InvalidParameterValueException", text)


def _no_function() -> ServiceError:
    return ServiceError("ResourceNotFoundException", "The function doesn't exist.", status=404)


def _listed(items: list[dict[str, Any]], key: str, given: Parameters) -> dict[str, Any]:
    return page(items, key, given, most="MaxItems", after="Marker", onward="NextMarker", default=_PAGE)
