"""What every part of the intent is made of."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Asn = Annotated[int, Field(ge=1, le=4294967295)]
Vlan = Annotated[int, Field(ge=1, le=4094)]


class Strict(BaseModel):
    """Base: unknown keys are refused, values are frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)
