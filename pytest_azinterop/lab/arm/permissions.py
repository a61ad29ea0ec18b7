"""What the lab's credential may do: everything, less what a scenario takes away."""

from __future__ import annotations

from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from pytest_azinterop.lab.arm.messages import ArmError

READERS = ("routeTables", "routeTablesSummary", "arpTables")
"""POST requests whose right ends in ``/read`` today and ended in ``/action`` before: either can be taken away."""


@dataclass(slots=True)
class Permissions:
    """``denied`` are patterns as ``notActions`` of a role has them; case does not matter."""

    denied: list[str] = field(default_factory=list)

    def deny(self, patterns: list[str]) -> None:
        """Take rights away."""
        self.denied += [each for each in patterns if each not in self.denied]

    def check(self, action: str, scope: str) -> None:
        """Raises ArmError 403 when the right is not there."""
        names = [action]
        if action.endswith("/read") and action.split("/")[-2] in READERS:
            names.append(f"{action.removesuffix('/read')}/action")
        for name in names:
            if any(fnmatchcase(name.lower(), pattern.lower()) for pattern in self.denied):
                raise ArmError(
                    403,
                    "AuthorizationFailed",
                    "The client 'lab' with object id '00000000-0000-4000-8000-000000000001' does not have "
                    f"authorization to perform action '{name}' over scope '{scope}' or the scope is invalid. "
                    "If access was recently granted, please refresh your credentials.",
                )

    def document(self) -> dict[str, object]:
        """``Microsoft.Authorization/permissions``."""
        return {"value": [{"actions": ["*"], "notActions": self.denied, "dataActions": [], "notDataActions": []}]}
