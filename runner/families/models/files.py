"""What a model is saved as: file name -> bytes, in native formats and never a pickle.

meta.json   kind, parameters, and what the native file does not say
state.npz   what the features learnt, as `key under features/name of the array`
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from runner.families.features.sight import State
from runner.families.models import ModelError

META: Final = "meta.json"
STATE: Final = "state.npz"
Files = Mapping[str, bytes]


def write_meta(kind: str, params: Mapping[str, Any], **more: Any) -> dict[str, bytes]:
    """Return `meta.json`."""
    text = json.dumps({"kind": kind, "params": dict(params), **more}, indent=2, sort_keys=True)
    return {META: f"{text}\n".encode()}


def read_meta(files: Files, kind: str | None = None) -> dict[str, Any]:
    """Return the contents of `meta.json`. Raises ModelError when it is absent, garbled, or of another kind."""
    try:
        meta = json.loads(files[META])
    except (KeyError, ValueError) as error:
        raise ModelError(f"{META} cannot be read: {error}") from error
    if not isinstance(meta, dict) or not {"kind", "params"} <= set(meta) or kind not in (None, meta["kind"]):
        raise ModelError(f"{META} does not describe a {kind or 'saved'} model")
    return meta


def write_states(states: Mapping[str, State]) -> dict[str, bytes]:
    """Return `state.npz`; the same states give the same bytes, unlike those of numpy.savez."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for feature, state in states.items():
            for name, values in (state or {"": np.zeros(0)}).items():
                array = io.BytesIO()
                np.save(array, values, allow_pickle=False)
                archive.writestr(zipfile.ZipInfo(f"{feature}/{name}.npy"), array.getvalue())
    return {STATE: content.getvalue()}


def read_states(files: Files) -> dict[str, dict[str, Any]]:
    """Return the states by feature. Raises ModelError when they are absent or garbled."""
    states: dict[str, dict[str, Any]] = {}
    try:
        with np.load(io.BytesIO(files[STATE]), allow_pickle=False) as archive:
            for path in archive.files:
                feature, _, name = path.partition("/")
                states.setdefault(feature, {}).update({name: archive[path]} if name else {})
    except (KeyError, ValueError, OSError, zipfile.BadZipFile) as error:
        raise ModelError(f"{STATE} cannot be read: {error}") from error
    return states
