"""How long, and how often, XLA compiled."""

from __future__ import annotations

from typing import Any

import jax.monitoring

COMPILED = "/jax/core/compile/backend_compile_duration"
PHASES = (
    "/jax/core/compile/jaxpr_trace_duration",
    "/jax/core/compile/jaxpr_to_mlir_module_duration",
    COMPILED,
)


class CompileTimer:
    """Inside ``with``, adds up the seconds spent on tracing, lowering and compiling.

    `compilations` counts programs that XLA compiled (a cached one does not count).

    >>> with CompileTimer() as timer:
    ...     pass
    >>> timer.compilations
    0
    """

    def __init__(self) -> None:
        self.seconds = 0.0
        self.compilations = 0

    def _heard(self, event: str, duration_secs: float, **kwargs: Any) -> None:
        if event in PHASES:
            self.seconds += duration_secs
        self.compilations += event == COMPILED

    def __enter__(self) -> CompileTimer:
        jax.monitoring.register_event_duration_secs_listener(self._heard)
        return self

    def __exit__(self, *_: object) -> None:
        jax.monitoring.unregister_event_duration_listener(self._heard)
