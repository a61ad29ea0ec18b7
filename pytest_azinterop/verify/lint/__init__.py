"""What a configuration says that will hurt later: pure functions over a whole running-configuration.

Every name here is a judgement of the rules that `verify.rules` registers for it. A line that is not there means
something only where the whole configuration was read and nothing is hidden from the account; else the functions raise
`UndeterminedError`.
"""

from __future__ import annotations

from pytest_azinterop.verify.lint.bgp import detection, filters, limits, process, settings
from pytest_azinterop.verify.lint.crypto import algorithms, associations, profiles, refused
from pytest_azinterop.verify.lint.default_preference import default_preference
from pytest_azinterop.verify.lint.hygiene import access, automation, evidence_kept, syntax
from pytest_azinterop.verify.lint.identity import identity
from pytest_azinterop.verify.lint.negotiation import negotiation
from pytest_azinterop.verify.lint.ospf import hardening, origination, redistribution
from pytest_azinterop.verify.lint.paths import metrics, policy, redundancy
from pytest_azinterop.verify.lint.references import undefined, unused
from pytest_azinterop.verify.lint.secrets import keys
from pytest_azinterop.verify.lint.tunnel import addressing, front_vrf, interfaces, sizes

__all__ = [
    "access",
    "addressing",
    "algorithms",
    "associations",
    "automation",
    "default_preference",
    "detection",
    "evidence_kept",
    "filters",
    "front_vrf",
    "hardening",
    "identity",
    "interfaces",
    "keys",
    "limits",
    "metrics",
    "negotiation",
    "origination",
    "policy",
    "process",
    "profiles",
    "redistribution",
    "redundancy",
    "refused",
    "settings",
    "sizes",
    "syntax",
    "undefined",
    "unused",
]
