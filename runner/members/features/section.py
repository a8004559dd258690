"""`features:` what a trained model sees of a (series, origin, step): one key for each member."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError, create_model, model_validator
from pydantic_core import InitErrorDetails

from runner.members.features.registry import FEATURES
from runner.members.member import Member
from runner.members.slot import line_errors, plugin_or_error, raise_together
from runner.values.section import Section


class FeatureKeys(Section):
    """What a trained model sees of a (series, origin, step)."""

    model_config = ConfigDict(extra="allow")  # keys of plug-ins; the validator refuses all others

    @model_validator(mode="wrap")
    @classmethod
    def _with_plugins(cls, value: Any, handler: Any) -> Self:
        """Validate keys that the built-ins lack by their plug-ins."""
        others = {key for key in value if key not in FEATURES.builtins} if isinstance(value, dict) else set()
        if not others:
            section: Self = handler(value)
            return section
        errors: list[InitErrorDetails] = []
        plugins = {key: _validated(key, value[key], errors) for key in value if key in others}
        try:
            section = handler({**{key: value[key] for key in value if key not in others}, **plugins})
        except ValidationError as error:
            errors += line_errors(error)
        raise_together(cls.__name__, errors)
        return section

    def asked(self) -> list[tuple[Member, Any]]:
        """Return the members that are asked for with their values, in the order of the table's columns."""
        values = [(member, getattr(self, member.name)) for member in FEATURES]
        values += [(FEATURES[name], value) for name, value in sorted((self.model_extra or {}).items())]
        return [(member, value) for member, value in values if value]


def _validated(key: str, value: Any, errors: list[InitErrorDetails]) -> Any:
    member = plugin_or_error(FEATURES, key, value, errors)
    if member is None:
        return None
    try:
        return TypeAdapter(member.spec).validate_python(value)
    except ValidationError as error:
        errors.extend(line_errors(error, below=(key,)))
    return None


if TYPE_CHECKING:

    class Features(FeatureKeys):
        """What a trained model sees of a (series, origin, step)."""

        def __getattr__(self, name: str) -> Any: ...

else:
    Features = create_model(
        "Features",
        __base__=FeatureKeys,
        __doc__=FeatureKeys.__doc__,
        __module__=__name__,
        **{member.name: (member.spec, Field(default=member.default, description=member.about)) for member in FEATURES},
    )
