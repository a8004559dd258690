"""Which keys the language has, and where: read off the models, never listed twice."""

from __future__ import annotations

import types
from collections.abc import Iterator
from functools import cache
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import Tag
from pydantic.fields import FieldInfo

from runner.language.nodes import Node
from runner.language.sections.experiment import Experiment
from runner.members.slot import Slot
from runner.values.section import Section


def allowed_keys(loc: tuple[str | int, ...], node: Node) -> tuple[str, ...]:
    """Return the keys of the section that a location of pydantic leads to in a tree; empty when it is no section."""
    annotations: list[Any] = [Experiment]
    here: Node | None = node
    for number, part in enumerate(loc):
        annotations = [_chosen(annotation, here, loc[:number]) for annotation in annotations]
        annotations = [below for annotation in annotations for below in _below(annotation, part)] or annotations
        here = (here.at(part) or here) if here is not None else None
    annotations = [_chosen(annotation, here, loc) for annotation in annotations]
    sections = [arm for annotation in annotations for arm in _arms(annotation) if _is_section(arm)]
    return tuple(dict.fromkeys(key for section in sections for key in keys_of(section)))


@cache
def keys_of(section: type[Section]) -> tuple[str, ...]:
    """Return the keys of a section as they are written."""
    return tuple(field.alias or name for name, field in section.model_fields.items())


@cache
def homes_of(key: str) -> str:
    """Return the sections that have a key, such as "`forecast` or `data`"; else empty."""
    homes = [
        f"`{'.'.join(path)}`" if path else "the top level" for path, section in sections() if key in keys_of(section)
    ]
    return " or ".join(dict.fromkeys(homes)) if len(homes) <= 3 else ""


@cache
def sections() -> tuple[tuple[tuple[str, ...], type[Section]], ...]:
    """Return every section with its path; the members of a map are under `NAME`."""
    return tuple(_sections(Experiment, ()))


def reachable(root: type[Section]) -> tuple[type[Section], ...]:
    """Return a section and all sections inside it, each once."""
    sections: list[type[Section]] = [root]
    for section in sections:
        fields = (_nested(annotation_of(field), ()) for field in section.model_fields.values())
        sections += dict.fromkeys(inner for pairs in fields for _, inner in pairs if inner not in sections)
    return tuple(sections)


def annotation_of(field: FieldInfo) -> Any:
    """Return a field's annotation with the slot that pydantic keeps apart from it."""
    slot = next((note for note in field.metadata if isinstance(note, Slot)), None)
    return field.annotation if slot is None else Annotated[field.annotation, slot]


def _chosen(annotation: Any, node: Node | None, loc: tuple[str | int, ...]) -> Any:
    """Return the section of the member in a slot; for other fields the annotation."""
    slot = slot_of(annotation)
    if slot is None or node is None:
        return annotation
    name = slot.named(slot.normalize(node.plain())) or str(loc[-1] if loc else "")
    member = slot.family.get(name)
    return member.spec if member is not None else annotation


def slot_of(annotation: Any) -> Slot | None:
    """Return the slot that an annotation carries, if any."""
    notes = get_args(annotation)[1:] if get_origin(annotation) is Annotated else ()
    return next((note for note in notes if isinstance(note, Slot)), None)


def _sections(section: type[Section], path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], type[Section]]]:
    yield path, section
    for name, field in section.model_fields.items():
        for below, inner in _nested(annotation_of(field), (*path, field.alias or name)):
            if len(below) <= 5 and inner.__name__ not in ("BranchDimension", "ZeroOrDimension"):
                yield from _sections(inner, below)


def _nested(annotation: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], type[Section]]]:
    for arm in _arms(annotation):
        if _is_section(arm):
            yield path, arm
        elif get_origin(arm) is dict:
            yield from _nested(get_args(arm)[1], (*path, "NAME"))
        elif get_origin(arm) is tuple:
            for item in get_args(arm):
                yield from _nested(item, path)


def _arms(annotation: Any) -> Iterator[Any]:
    """Yield the members of a union, without their annotations."""
    if (slot := slot_of(annotation)) is not None:
        yield from slot.sections()
    elif get_origin(annotation) is Annotated:
        yield from _arms(get_args(annotation)[0])
    elif get_origin(annotation) in (Union, types.UnionType):
        for arm in get_args(annotation):
            yield from _arms(arm)
    else:
        yield annotation


def _tagged(annotation: Any, tag: str) -> Iterator[Any]:
    if get_origin(annotation) is Annotated:
        inner, *notes = get_args(annotation)
        if any(isinstance(note, Tag) and note.tag == tag for note in notes):
            yield inner
        else:
            yield from _tagged(inner, tag)
    elif get_origin(annotation) in (Union, types.UnionType):
        for arm in get_args(annotation):
            yield from _tagged(arm, tag)


def _below(annotation: Any, part: str | int) -> Iterator[Any]:
    tagged = list(_tagged(annotation, part)) if isinstance(part, str) else []
    if tagged:
        yield from tagged
        return
    for arm in _arms(annotation):
        if _is_section(arm) and isinstance(part, str):
            yield from (annotation_of(f) for name, f in arm.model_fields.items() if part == (f.alias or name))
        elif get_origin(arm) is dict and isinstance(part, str):
            yield get_args(arm)[1]
        elif get_origin(arm) is tuple and isinstance(part, int):
            yield get_args(arm)[0]


def _is_section(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, Section)
