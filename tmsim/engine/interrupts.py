"""Ctrl-C between blocks: an interrupt waits until compiled code has returned."""

from __future__ import annotations

import signal
from threading import current_thread, main_thread
from typing import Any, Self


class Interrupts:
    """Inside ``with``, an interrupt is held back until :meth:`check`; a second one comes at once.

    One that arrives while XLA compiles may be dropped by Python (in a callback of the garbage
    collector, which JAX has) or leave a compilation behind that outlives the interpreter.
    Outside the main thread, where no signal arrives, this does nothing.

    >>> with Interrupts() as interrupts:
    ...     signal.raise_signal(signal.SIGINT)
    ...     interrupts.heard
    True
    """

    def __init__(self) -> None:
        self.heard = False
        self._before: Any = None

    def __enter__(self) -> Self:
        if current_thread() is main_thread():
            self._before = signal.signal(signal.SIGINT, self._hear)
        return self

    def __exit__(self, *_: object) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)

    def _hear(self, *_: object) -> None:
        if self.heard:
            raise KeyboardInterrupt
        self.heard = True

    def check(self) -> None:
        """Raises the KeyboardInterrupt that was held back."""
        if self.heard:
            raise KeyboardInterrupt
