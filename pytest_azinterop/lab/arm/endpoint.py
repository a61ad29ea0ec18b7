"""The ARM endpoint: who may ask, what is asked for, and the answer. How requests travel is not its business."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING
from urllib.parse import quote

from pytest_azinterop.lab.arm import answers as ordered
from pytest_azinterop.lab.arm.documents import Documents
from pytest_azinterop.lab.arm.long_running import RESULTS, STATUS, LongRunning, Running
from pytest_azinterop.lab.arm.messages import ArmError, Request, Response, answer
from pytest_azinterop.lab.arm.operations import Action, Operations
from pytest_azinterop.lab.arm.paths import Target, parse
from pytest_azinterop.lab.arm.token import audiences

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_azinterop.lab.arm.azure import Azure
    from pytest_azinterop.lab.arm.store import Json, Resource
    from pytest_azinterop.lab.arm.token import Tokens
    from pytest_azinterop.lab.scenario_azure import AzureAnswer

PAGE = 3
"""Entries of a list that come at once: small, so that whoever forgets ``nextLink`` notices."""
_FILTER = re.compile(r"resourceType eq '([\w./]+)'", re.IGNORECASE)
_VERSION = re.compile(r"\d{4}-\d{2}-\d{2}(-preview)?")
READS, WRITES = 11999, 1199
FOREVER = float("inf")
PACE = 100.0


class Endpoint:
    """Answers requests for one lab. ``pace``: seconds of the service that pass in one real one."""

    def __init__(
        self, azure: Azure, tokens: Tokens, *, pace: float = PACE, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._azure, self._tokens, self._now = azure, tokens, now
        self.store = azure.store
        self._documents = Documents(azure.fabric, azure.routing)
        self._operations = Operations(azure.store, azure.routing, azure.effective)
        self._long = LongRunning(now, pace)
        self._reads, self._writes = READS, WRITES

    def handle(self, request: Request) -> Response:
        """The answer; an error is one too."""
        try:
            response = self._answer(request)
        except ArmError as error:
            response = error.response()
        if request.method == "GET":
            self._reads = max(1, self._reads - 1)
            quota = {"x-ms-ratelimit-remaining-subscription-reads": str(self._reads)}
        else:
            self._writes = max(1, self._writes - 1)
            quota = {"x-ms-ratelimit-remaining-subscription-writes": str(self._writes)}
        return Response(response.status, response.body, {**quota, **response.headers}, response.broken)

    def _answer(self, request: Request) -> Response:
        self._azure.network.settle()
        self._authenticate(request)
        self._version(request)
        target = parse(request.path, self.store)
        if target.kind in (RESULTS, STATUS):
            return self._poll(request, target)
        self._azure.permissions.check(target.right, target.scope)
        wanted = self._azure.answers.take(request, target.path) if target.path else None
        failure = None if wanted is None or wanted.stage == "poll" else ordered.error(wanted)
        if failure is not None:
            raise failure
        if target.path:
            self._azure.network.asked(f"{request.method} {target.path}")
        if target.kind == "plain":
            self._only(request, "GET")
            response = self._resources(request) if target.resource == "resources" else answer(self._plain(target))
        elif target.kind == "collection":
            response = self._collection(request, target)
        elif target.action is not None:
            return self._act(request, target, target.action, wanted)
        else:
            self._only(request, "GET")
            response = answer(self._documents.shown(self._resource(target)))
        return response if wanted is None else ordered.damaged(response, wanted)

    def _authenticate(self, request: Request) -> None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if not token:
            message = "Authentication failed. The 'Authorization' header is missing."
            raise ArmError(401, "AuthenticationFailed", message, {"WWW-Authenticate": self._challenge()})
        audience = self._tokens.audience(token) if scheme.lower() == "bearer" else None
        if audience is None:
            raise self._refused("InvalidAuthenticationToken", "The access token is invalid.")
        taken = audiences(self._azure.cloud)
        if audience not in taken:
            raise self._refused(
                "InvalidAuthenticationTokenAudience",
                f"The access token has been obtained for wrong audience or resource '{audience}'. It should exactly "
                f"match with one of the allowed audiences {','.join(repr(each) for each in taken)}.",
            )

    def _refused(self, code: str, message: str) -> ArmError:
        challenge = f'{self._challenge()}, error="invalid_token", error_description="{message}"'
        return ArmError(401, code, message, {"WWW-Authenticate": challenge})

    def _challenge(self) -> str:
        return f'Bearer authorization_uri="https://login.microsoftonline.com/{self._azure.file.tenant}"'

    def _version(self, request: Request) -> str:
        version = request.parameter("api-version")
        if not version:
            message = "The api-version query parameter (?api-version=) is required for all requests."
            raise ArmError(400, "MissingApiVersionParameter", message)
        if not _VERSION.fullmatch(version):
            message = f"The api-version '{version}' is invalid. The format is 'YYYY-MM-DD' or 'YYYY-MM-DD-preview'."
            raise ArmError(400, "InvalidApiVersionParameter", message)
        return version

    def _only(self, request: Request, method: str) -> None:
        if request.method != method:
            message = f"The requested resource does not support http method '{request.method}'."
            raise ArmError(405, "MethodNotAllowed", message, {"Allow": method})

    def _resource(self, target: Target) -> Resource:
        found = self.store.get(target.resource)
        if found is None:
            message = (
                f"The Resource 'Microsoft.Network/{target.resource}' under resource group "
                f"'{self.store.resource_group}' was not found."
            )
            raise ArmError(404, "ResourceNotFound", message)
        return found

    # -- what is not a resource of the network

    def _plain(self, target: Target) -> Json:
        subscription = {
            "id": f"/subscriptions/{self.store.subscription}", "subscriptionId": self.store.subscription,
            "tenantId": self._azure.file.tenant, "displayName": "lab", "state": "Enabled",
        }  # fmt: skip
        group = {
            "id": self.store.group_id, "name": self.store.resource_group, "location": self._azure.file.location,
            "type": "Microsoft.Resources/resourceGroups", "properties": {"provisioningState": "Succeeded"},
        }  # fmt: skip
        return {
            "subscriptions": {"value": [subscription]},
            "subscription": subscription,
            "resourceGroups": {"value": [group]},
            "resourceGroup": group,
            "permissions": self._azure.permissions.document(),
        }[target.resource]  # type: ignore[return-value]

    def _collection(self, request: Request, target: Target) -> Response:
        self._only(request, "GET")
        kind = target.resource.rpartition("/")[2]
        if target.parent:
            parent = self._resource(Target("resource", target.parent))
            if (parent.type, kind.lower()) == ("virtualNetworkGateways", "connections"):
                found = [
                    self._documents.shown(each, listed=True) for each in self._azure.fabric.connections(parent.name)
                ]
            else:
                found = [self._documents.shown(each) for each in self.store.children(parent.path, kind)]
        else:
            found = [self._documents.shown(each) for each in self.store.of_type(kind)]
        return self._page(request, found)

    def _resources(self, request: Request) -> Response:
        """The list of what there is; a filter by type is the only one."""
        wanted = request.parameter("$filter")
        kind = None if wanted is None else _FILTER.fullmatch(wanted.strip())
        if wanted is not None and kind is None:
            message = f"The filter '{wanted}' is not supported: resourceType eq 'Microsoft.Network/...' is."
            raise ArmError(400, "InvalidFilterInQueryString", message)
        found: list[Json] = [
            {key: each.document[key] for key in ("id", "name", "type", "location", "sku") if key in each.document}
            for each in self.store
            if not each.parent and (kind is None or each.document["type"].lower() == kind[1].lower())
        ]
        return self._page(request, found)

    def _page(self, request: Request, found: list[Json]) -> Response:
        try:
            start = int(request.parameter("$skipToken") or 0)
        except ValueError:
            raise ArmError(400, "InvalidSkipToken", "The skip token is invalid.") from None
        document: Json = {"value": found[start : start + PAGE]}
        if start + PAGE < len(found):
            version = request.parameter("api-version")
            kept = "".join(f"&{key}={quote(value)}" for key, value in request.query.items() if key.lower() == "$filter")
            query = f"api-version={version}{kept}&$skipToken={start + PAGE}"
            document["nextLink"] = f"{request.base}{request.path}?{query}"
        return answer(document)

    # -- actions

    def _act(self, request: Request, target: Target, action: Action, wanted: AzureAnswer | None) -> Response:
        self._only(request, action.method)
        resource = self._resource(target)
        version = self._version(request)
        if action.since and version < action.since:
            message = (
                f"No registered resource provider found for API version '{version}' and action {action.name}; "
                f"the oldest supported one is '{action.since}'."
            )
            raise ArmError(400, "NoRegisteredProviderFound", message)
        compute = self._operations.prepare(action, resource, target.tail, request)
        if not action.seconds:
            response = answer(compute())
            return response if wanted is None else ordered.damaged(response, wanted)
        seconds = action.seconds
        if wanted is not None and (wanted.never_ends or wanted.seconds is not None):
            seconds = FOREVER if wanted.seconds is None else wanted.seconds
        if action.locks:
            self._long.lock("/".join(resource.path.split("/")[:2]).lower(), seconds)
        location = resource.document.get("location") or self._azure.file.location
        running = Running(
            subject=f"{resource.path}/{action.name}",
            location=location,
            style=action.style,
            ready_at=self._now() + self._long.service_seconds(seconds),
            compute=_once(compute) if action.changes else compute,
            version=version,
        )
        if wanted is not None:
            self._disturb(running, wanted)
        started = self._long.start(running, request, self._prefix())
        if wanted is not None and wanted.retry_after is not None and wanted.status is None:
            kept = {name: value for name, value in started.headers.items() if name != "retry-after-ms"}
            return Response(started.status, started.body, {**kept, "Retry-After": str(wanted.retry_after)})
        return started

    def _disturb(self, running: Running, wanted: AzureAnswer) -> None:
        """What a scenario ordered for the rest of an operation's life."""
        running.style = wanted.style or running.style
        if wanted.fails is not None:
            running.failure = (wanted.fails.code, wanted.fails.message)
        running.result = ordered.body(wanted)
        if wanted.stage == "poll":
            running.poll_failure = ordered.error(wanted)
        running.cut = wanted.cut

    def _prefix(self) -> str:
        return f"/subscriptions/{self.store.subscription}/providers/Microsoft.Network/locations"

    def _poll(self, request: Request, target: Target) -> Response:
        self._only(request, "GET")
        kind = target.kind
        right = {RESULTS: "operationResults", STATUS: "operations"}[kind]
        self._azure.permissions.check(f"Microsoft.Network/locations/{right}/read", request.path)
        running = self._long.find(target.resource, request)
        response = self._long.poll(kind, running, request, self._prefix())
        final = running.cut and running.ready_at <= self._now()
        return Response(response.status, response.body, response.headers, broken=final)

    def subject(self, path: str) -> str | None:
        """What a polling URL is about, for the log; None for any other path."""
        found = re.search(r"/(?:operationresults|operations)/([0-9a-f-]{36})$", path.lower())
        return None if found is None else self._long.subject(found[1])


def _once(change: Callable[[], object]) -> Callable[[], object]:
    """Make a change now; its answer is read later."""
    result = change()
    return lambda: result
