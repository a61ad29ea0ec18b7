"""A declared resource that Azure does not have.

Resource Manager asks for the right before it looks: who may not read is answered 403 AuthorizationFailed, so 404
ResourceNotFound about a resource by its id is evidence that it is not there. A resource group or a subscription that
is not found says nothing of the resource: the intent or the identity is of another place, and the question stays open.
Source: https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/error-not-found
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pytest_azinterop.verify.azure_words import of_circuit, of_connection, of_gateway, of_local_gateway, of_subnet

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_azinterop.errors import UndeterminedError
    from pytest_azinterop.verify.azure_next import AzureSubject
    from pytest_azinterop.verify.finding import Finding

_CAUSE: Final = "azure-no-resource"
# Kind of the subject: its words, and the rule that the resource itself is told by.
_RULES: Final[dict[str, tuple[Callable[[Any], AzureSubject], str]]] = {
    "circuit": (of_circuit, "azure.circuit-state"),
    "gateway": (of_gateway, "azure.gateway-state"),
    "connection": (of_connection, "azure.connection-ends"),
    "subnet_appliance": (of_subnet, "azure.appliance"),
    "local_gateway": (of_local_gateway, "azure.local-gateway-address"),
}


def absent(kind: str, expected: Any, asked: tuple[str, str], error: UndeterminedError) -> list[Finding]:  # noqa: ANN401 (as the subject's kind)
    """The finding that the resource of this subject is not there; none where the error says anything else.

    `asked` is the question about the resource itself, as an error names it: resource and operation.
    """
    known = _RULES.get(kind)
    if known is None or (error.host, error.command) != asked or error.cause != _CAUSE:
        return []
    about, rule = known
    words = "resource is missing, expected as declared"
    return [about(expected).finding(rule, words, cause="missing", evidence=[])]
