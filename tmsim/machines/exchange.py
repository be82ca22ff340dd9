"""Machines as values of other libraries: plain dicts, and the classes of automata-lib."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tmsim.machines.machine import TuringMachine


class Exchange:
    """What :class:`tmsim.machines.TuringMachine` offers to and takes from other libraries."""

    @staticmethod
    def from_dict(data: dict[str, Any]) -> TuringMachine:
        """The machine that a dict says, in the shape of the format `explicit`; no input.

        Raises ValueError naming the path, the value there and what was expected.

        >>> from tmsim.machines import TuringMachine, load
        >>> TuringMachine.from_dict(load("bb4").machine.to_dict()) == load("bb4").machine
        True
        """
        from tmsim.machines.formats import explicit

        return explicit.document_of(data).machine

    def to_dict(self: Any) -> dict[str, Any]:
        """The machine as dicts, lists, strings and numbers, in the shape of the format `explicit`.

        Raises ValueError for a state or symbol that is not a string.

        >>> from tmsim.machines import load
        >>> load("bb2").machine.to_dict()["rules"][0]
        ['A', '0', '1', 'R', 'B']
        """
        from tmsim.machines.formats import explicit

        return explicit.data_of(self)

    @staticmethod
    def from_automata_lib(source: Any) -> TuringMachine:
        """The machine of an automata-lib `DTM`, or of an `MNTM` that is deterministic.

        Its final states become the halting and the accepting ones. Raises ValueError for anything
        else, naming the attribute and what was expected.

        >>> from types import SimpleNamespace
        >>> from tmsim.machines import TuringMachine
        >>> found = SimpleNamespace(states={"a", "b"}, final_states={"b"}, input_symbols={"1"},
        ...     tape_symbols={"1", "."}, transitions={"a": {"1": ("b", "1", "N")}},
        ...     initial_state="a", blank_symbol=".")
        >>> TuringMachine.from_automata_lib(found).transitions
        mappingproxy({('a', ('1',)): ('b', ('1',), (<Move.S: 0>,))})
        """
        from tmsim.machines.formats import automata_parts

        return automata_parts.machine_of(automata_parts.arguments(source))

    def to_automata_lib(self: Any) -> Any:
        """The machine as an automata-lib `DTM`, or with several tapes an `MNTM`.

        Final are its accepting states; if it accepts nowhere, its halting ones. Raises ValueError
        for what the library forbids, and ImportError if automata-lib is not installed.
        """
        from tmsim.machines.formats import automata_parts

        parts = automata_parts.parts_of(self)
        from automata.tm.dtm import DTM
        from automata.tm.mntm import MNTM

        return MNTM(**parts) if self.tapes > 1 else DTM(**parts)
