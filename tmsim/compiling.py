"""How long, and how often, XLA compiled."""

from __future__ import annotations

from typing import Any

import jax.monitoring

COMPILED = "/jax/core/compile/backend_compile_duration"
FETCHED = "/jax/compilation_cache/cache_hits"
PHASES = (
    "/jax/core/compile/jaxpr_trace_duration",
    "/jax/core/compile/jaxpr_to_mlir_module_duration",
    COMPILED,
)


class CompileTimer:
    """Inside ``with``, adds up the seconds spent on tracing, lowering and compiling.

    `compilations` counts programs that XLA compiled. One of this process or, where JAX keeps
    compiled code on disk, of an earlier one does not count.

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

    def _fetched(self, event: str, **kwargs: Any) -> None:
        # Code from disk is told of twice: as fetched, and with the seconds that it took.
        self.compilations -= event == FETCHED

    def __enter__(self) -> CompileTimer:
        jax.monitoring.register_event_duration_secs_listener(self._heard)
        jax.monitoring.register_event_listener(self._fetched)
        return self

    def __exit__(self, *_: object) -> None:
        jax.monitoring.unregister_event_duration_listener(self._heard)
        jax.monitoring.unregister_event_listener(self._fetched)
