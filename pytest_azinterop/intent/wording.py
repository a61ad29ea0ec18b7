"""What is wrong with a value, in the words of this project: a library's would name types that nobody typed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic_core import ErrorDetails

# By pydantic's kind of error. `{…}` are facts of the error; `{value}` is what stands there.
_WORDS: Final[Mapping[str, str]] = {
    "int_parsing": "{value} is not a whole number",
    "int_type": "{value} is not a whole number",
    "int_from_float": "{value} is not a whole number",
    "int_parsing_size": "{value} is too large a number",
    "float_parsing": "{value} is not a number",
    "float_type": "{value} is not a number",
    "bool_parsing": "{value} is neither true nor false",
    "bool_type": "{value} is neither true nor false",
    "string_type": "{value} is not a word; write it in quotes if it is meant as one",
    "string_too_short": "{value} is too short; write at least {min_length} characters",
    "string_too_long": "{value} is too long; write at most {max_length} characters",
    "string_pattern_mismatch": "{value} is not of the form {pattern}",
    "greater_than_equal": "{value} is too small: at least {ge}",
    "greater_than": "{value} is too small: more than {gt}",
    "less_than_equal": "{value} is too large: at most {le}",
    "less_than": "{value} is too large: less than {lt}",
    "literal_error": "{value} is not known here; write {expected}",
    "too_long": "{actual_length} entries are too many; write at most {max_length}",
    "too_short": "{actual_length} entries are too few; write at least {min_length}",
    "tuple_type": "{value} is not a list; write [ ] around its entries",
    "list_type": "{value} is not a list; write [ ] around its entries",
    "dict_type": "{value} has no keys; a block of `key: value` belongs here",
    "model_type": "{value} has no keys; a block of `key: value` belongs here",
    "model_attributes_type": "{value} has no keys; a block of `key: value` belongs here",
    "ip_v4_address": "{value} is not an IPv4 address such as 172.20.40.1",
    "ip_v6_address": "{value} is not an IPv6 address such as fd00:172:20:40::1",
    "ip_any_address": "{value} is not an IP address",
    "ip_v4_interface": "{value} is not an IPv4 address with its length such as 172.20.40.1/30",
    "ip_v6_interface": "{value} is not an IPv6 address with its length such as fd00:172:20:40::1/126",
    "ip_v4_network": "{value} is not an IPv4 prefix such as 172.20.40.0/30",
    "ip_v6_network": "{value} is not an IPv6 prefix such as fd00:172:20:40::/126",
    "date_type": "{value} is not a date; write YYYY-MM-DD",
    "none_required": "nothing belongs here",
    "missing_argument": "an entry is missing",
    "unexpected_positional_argument": "there is an entry too many",
}
_LONGEST: Final = 60


def words(error: ErrorDetails) -> str:
    """What is wrong, in a clause. A validator of the intent has said it in words already."""
    known = _WORDS.get(error["type"])
    if known is None:
        return _own(error)
    facts: dict[str, Any] = dict(error.get("ctx", {}))
    facts["value"] = _shown(error.get("input"))
    if error["type"] in ("too_long", "too_short"):
        facts.setdefault("actual_length", "so many")
        facts = {name: "no" if value == 0 and name == "actual_length" else value for name, value in facts.items()}
    return known.format_map(facts)


def _own(error: ErrorDetails) -> str:
    message = error["msg"].removeprefix("Value error, ")
    shown = error.get("input")
    value = f" (it is {_short(shown)})" if not isinstance(shown, (dict, list)) and str(shown) not in message else ""
    return f"{message[:1].lower()}{message[1:]}{value}"


def _shown(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "a block of keys"
    if isinstance(value, (list, tuple)):
        return "a list"
    return _short(value)


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "…"
