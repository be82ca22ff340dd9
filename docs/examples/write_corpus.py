"""Writes a corpus of two machines: python write_corpus.py FILE.jsonl"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tmsim.machines import config_hash, load, run

REASONS = {"halted": "halt_state", "no_transition": "no_rule", "out_of_steps": "cutoff"}


def row(text: str, max_steps: int) -> dict:
    """How the machine ends on an empty tape, by the reference machine."""
    ended = run(load(text).machine, max_steps=max_steps)
    last = ended.configuration
    left, word = last.trimmed()
    tape = "".join(map(str, word))
    return {
        "name": text,
        "format": "bbchallenge",
        "text": text,
        "tapes": 1,
        "input": "",
        "input_head": 0,
        "max_steps": max_steps,
        "steps": ended.steps,
        "halt_reason": REASONS[ended.outcome],
        "final_state": last.state,
        "final_tape": tape,
        "final_tape_left": left,
        "final_head": last.heads[0],
        "config_hash": config_hash(last.state, last.heads, (left,), (tape,)),
    }


if __name__ == "__main__":
    rows = [row("1RB1LB_1LA1RZ", max_steps=100), row("1RB1LC_1RC1RB_1RD0LE_1LA1LD_1RZ0LA", 30)]
    Path(sys.argv[1]).write_text("".join(json.dumps(r) + "\n" for r in rows), encoding="utf-8")
