"""Every engine of the project keeps the protocol."""

from __future__ import annotations

from inline_engine import Inline

from runner.families.engines.base import Engine, EngineOptions
from runner.families.engines.local import Processes
from runner.testing.engines import EngineConformance


class TestProcesses(EngineConformance):
    def start(self, options: EngineOptions) -> Engine:
        return Processes(options)


class TestInline(EngineConformance):
    isolates = False

    def start(self, options: EngineOptions) -> Engine:
        return Inline(options)
