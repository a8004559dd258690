"""A field of a section whose value belongs to a member: validated by that member's own section."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationError
from pydantic_core import CoreSchema, InitErrorDetails, PydanticCustomError, PydanticKnownError, core_schema

from runner.errors import PluginError
from runner.members.family import Family
from runner.members.member import Member
from runner.values.section import Section


def _unchanged(value: Any) -> Any:
    return value


@dataclass(frozen=True)
class Slot:
    """Annotates a field with the family its value comes from.

    The member is named by the value of `key` in a written map, or by `pick` where no single key does. Errors of the
    member's section keep their place below the field.
    """

    family: Family
    key: str | None = None
    pick: Callable[[Any], str | None] | None = None
    normalize: Callable[[Any], Any] = _unchanged  # shorthands written out
    refusal: str | None = None  # message where no member is named; the names themselves when absent

    def __get_pydantic_core_schema__(self, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            self.validate, serialization=core_schema.simple_ser_schema("any")
        )

    def __get_pydantic_json_schema__(self, _schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        arms = []
        for section in self.sections():
            arm = handler(section.__pydantic_core_schema__)
            properties = handler.resolve_ref_schema(arm)["properties"]
            if self.key in properties:
                names = [member.name for member in self.family if member.spec is section]
                properties[self.key] = {**properties[self.key], "enum": names}
            arms.append(arm)
        return arms[0] if len(arms) == 1 else {"anyOf": arms}

    def sections(self) -> tuple[type[Section], ...]:
        """Return the sections of the built-ins, each once."""
        return tuple(dict.fromkeys(member.spec for member in self.family))

    def validate(self, value: Any) -> Any:
        """Return the value as its member's section. Raises what pydantic turns into errors below the field."""
        written, value = value, self.normalize(value)
        member = self.member(value)
        if member is None:
            self._refuse(value, short=not isinstance(written, dict))
        return value if isinstance(value, member.spec) else member.spec.model_validate(value)

    def named(self, value: Any) -> str | None:
        """Return the name of the member that a value names, whether it exists or not."""
        if self.pick is not None:
            return self.pick(value)
        name = value.get(self.key) if isinstance(value, dict) else getattr(value, self.key or "", None)
        return name if isinstance(name, str) else None

    def member(self, value: Any) -> Member | None:
        """Return the member that a value names, None without one."""
        name = self.named(value)
        try:
            return self.family.get(name) if name is not None else None
        except PluginError as error:
            raise PydanticCustomError("plugin", "{reason}", {"reason": str(error)}) from error

    def _refuse(self, value: Any, *, short: bool) -> NoReturn:
        if self.refusal is not None or self.key is None:
            raise PydanticCustomError("no_member", "{reason}", {"reason": self.refusal or "no member is named"})
        names = [repr(name) for name in self.family.names]
        expected = f"{', '.join(names[:-1])} or {names[-1]}" if len(names) > 1 else names[0]
        given = value.get(self.key) if isinstance(value, dict) else value
        place = () if short and self.key == "name" else (self.key,)  # a spec has a key `name` of its own
        line = InitErrorDetails(type="literal_error", loc=place, input=given, ctx={"expected": expected})
        raise ValidationError.from_exception_data(self.family.name, [line])


def one_key(value: Any, *, argument: str | None = None) -> Any:
    """Write `name` and `{name: {...}}` as a map with the key `kind`; `{name: text}` gives the text to `argument`."""
    if isinstance(value, str):
        return {"kind": value}
    if isinstance(value, dict) and len(value) == 1:
        ((kind, arguments),) = value.items()
        if isinstance(arguments, dict) and "kind" not in arguments:
            return {"kind": kind, **arguments}
        if argument is not None and isinstance(arguments, str):
            return {"kind": kind, argument: arguments}
    return value


def plugin_or_error(family: Family, name: str, value: Any, errors: list[InitErrorDetails]) -> Member | None:
    """Return the plug-in that a key names; without one add the error to `errors` and return None."""
    kind: str | PydanticCustomError = "extra_forbidden"
    try:
        member = family.get(name)
    except PluginError as error:
        member, kind = None, PydanticCustomError("plugin", "{reason}", {"reason": str(error)})
    if member is None:
        errors.append(InitErrorDetails(type=kind, loc=(name,), input=value))
    return member


def line_errors(error: ValidationError, *, below: tuple[str | int, ...] = ()) -> list[InitErrorDetails]:
    """Return the errors of a validation in the form that a new ValidationError takes."""
    return [
        InitErrorDetails(
            type=_kind(line["type"], line["msg"], line.get("ctx", {})),
            loc=(*below, *line["loc"]),
            input=line["input"],
            ctx=line.get("ctx", {}),
        )
        for line in error.errors(include_url=False)
    ]


def raise_together(title: str, errors: Sequence[InitErrorDetails]) -> None:
    """Raise one ValidationError for all errors; return when there is none."""
    if errors:
        raise ValidationError.from_exception_data(title, list(errors))


def _kind(kind: str, message: str, context: dict[str, Any]) -> str | PydanticCustomError:
    """Return the type of a pydantic error; a custom error with its message."""
    try:
        PydanticKnownError(kind, context or None)  # type: ignore[arg-type]
    except (KeyError, TypeError, ValueError):
        return PydanticCustomError(kind, "{message}", {"message": message})
    return kind
