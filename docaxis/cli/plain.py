"""Values of the domain as plain ones and back: what `package show --json` prints is what `package build` reads.

Names are the fields' own, `sender` is written `from`; days are `yyyy-mm-dd`, times ISO 8601, urgency and kinds numbers.
Octets are left out: attachments are files.
"""

# ruff: noqa: ANN401 - plain values are of any type, that is what they are for

from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, datetime
from enum import IntEnum
from types import NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints
from uuid import UUID

_Value = TypeVar("_Value")
_RENAMED = {"sender": "from"}


class PlainError(ValueError):
    """A plain value that does not fit; the text names its key and what would fit."""


def to_plain(value: object) -> Any:
    """Return a value of the domain as mappings, lists, texts and numbers."""
    if is_dataclass(value) and not isinstance(value, type):
        named = ((field.name, getattr(value, field.name)) for field in fields(value))
        return {_RENAMED.get(name, name): to_plain(held) for name, held in named if not isinstance(held, bytes)}
    if isinstance(value, IntEnum):
        return int(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID):
        return value.hex
    if isinstance(value, tuple | frozenset):
        return [to_plain(one) for one in value]
    return value


def from_plain(kind: type[_Value], value: object, key: str = "") -> _Value:
    """Return the dataclass that a mapping describes; raises PlainError.

    A bare text stands for a dataclass whose only needed field is its first one (an addressee by its code).
    """
    names = {_RENAMED.get(field.name, field.name): field for field in fields(kind)}  # type: ignore[arg-type]
    if isinstance(value, str):
        value = {next(iter(names)): value}
    if not isinstance(value, Mapping):
        raise PlainError(f"{key or kind.__name__}: a table expected")
    unknown = sorted(set(value) - set(names))
    if unknown:
        raise PlainError(f"{_join(key, unknown[0])}: unknown; known are {', '.join(names)}")
    hints = get_type_hints(kind)
    read: dict[str, Any] = {}
    for name, field in names.items():
        if name in value:
            read[field.name] = _read(hints[field.name], value[name], _join(key, name))
        elif field.default is MISSING and field.default_factory is MISSING:
            raise PlainError(f"{_join(key, name)}: missing")
    return kind(**read)


def _read(hint: Any, value: object, key: str) -> Any:
    if get_origin(hint) is UnionType:
        return None if value is None else _read(next(arm for arm in get_args(hint) if arm is not NoneType), value, key)
    if get_origin(hint) is tuple:
        if not isinstance(value, list):
            raise PlainError(f"{key}: a list expected")
        return tuple(_read(get_args(hint)[0], one, f"{key}[{position}]") for position, one in enumerate(value))
    if is_dataclass(hint):
        return from_plain(hint, value, key)  # type: ignore[arg-type]
    if issubclass(hint, date):
        return _moment(hint, value, key)
    if issubclass(hint, int):
        try:
            if type(value) is int:
                return hint(value)
        except ValueError:
            pass
        allowed = f" from {min(hint)} to {max(hint)}" if issubclass(hint, IntEnum) else ""
        raise PlainError(f"{key}: a whole number{allowed} expected")
    if not isinstance(value, hint):
        raise PlainError(f"{key}: a text expected")
    return value


def _moment(hint: type[date], value: object, key: str) -> date:
    """Read a day or a time; TOML has both of its own, JSON writes them as text."""
    if isinstance(value, str):
        try:
            value = hint.fromisoformat(value)
        except ValueError:
            value = None
    if type(value) is not hint or (isinstance(value, datetime) and value.tzinfo is None):
        raise PlainError(f"{key}: {'a time with its zone' if hint is datetime else 'a day, yyyy-mm-dd,'} expected")
    return value


def _join(key: str, name: str) -> str:
    return f"{key}.{name}" if key else name
