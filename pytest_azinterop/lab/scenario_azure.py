"""What a scenario says of Azure: resources, answers of operations, rights, clouds."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from pytest_azinterop.lab.scenario_values import Prefix, Strict


class AzureFailure(Strict):
    """How a long-running operation ends."""

    code: str = "InternalServerError"
    message: str = "An error occurred."


class AzureAnswer(Strict):
    """What an operation answers in place of what the network says. Times without a unit are real seconds."""

    status: int | None = Field(None, ge=400, le=599, description="HTTP status; with the code that belongs to it.")
    code: str | None = None
    message: str | None = None
    retry_after: int | None = Field(None, ge=0, description="The Retry-After header, in seconds.")
    times: int | None = Field(None, ge=1, description="How often, from now on; always without it.")
    stage: Literal["start", "poll"] = Field("start", description="With a status: at the request, or at its polls.")
    body: object = Field(None, description="The (final) body: a text goes out as it is, anything else as JSON.")
    cut: bool = Field(False, description="The connection breaks in the middle of the (final) body.")
    never_ends: bool = Field(False, description="Every poll says that the operation is still in progress.")
    seconds: float | None = Field(None, ge=0, description="How long the operation takes, in the service's seconds.")
    fails: AzureFailure | None = Field(None, description="The operation ends with this error.")
    style: Literal["location", "async", "both"] | None = Field(
        None, description="Which headers say where to poll: Location, Azure-AsyncOperation or both."
    )


class AzureChange(Strict):
    """A change of Azure: of a resource, of an operation's answer, or of the credential's rights."""

    resource: str | None = Field(None, description="For example virtualNetworks/hub/subnets/workloads.")
    set: dict[str, object] | None = Field(None, description="Properties: {properties.allowGatewayTransit: false}.")
    delete: bool = False
    refuse: list[Prefix] = Field(
        default_factory=list, description="What a gateway or circuit does not take from its BGP neighbors."
    )
    operation: str | None = Field(
        None, description="Path of an action, resource or list, perhaps after GET or POST; * is every request."
    )
    answer: AzureAnswer | None = Field(None, description="null takes an earlier one back.")
    deny: list[str] = Field(
        default_factory=list,
        description="Rights taken from the credential: Microsoft.Network/…/action, with wildcards.",
    )
    cloud: Literal["public", "us-government", "china"] | None = Field(
        None, description="Whose Resource Manager answers: it refuses tokens of another cloud. The lab's are public."
    )

    @model_validator(mode="after")
    def _one_thing(self) -> AzureChange:
        if sum((self.resource is not None, self.operation is not None, bool(self.deny), self.cloud is not None)) != 1:
            raise ValueError("needs exactly one of resource, operation, deny and cloud")
        on_resource = sum((self.set is not None, self.delete, bool(self.refuse)))
        if on_resource != (self.resource is not None):
            raise ValueError("resource needs exactly one of set, delete and refuse, and they need a resource")
        if ("answer" in self.model_fields_set) != (self.operation is not None):
            raise ValueError("operation and answer stand together")
        return self
