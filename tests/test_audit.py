"""An audit agrees with runs that are right, and tells where a memory or a saved run is not."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields, replace
from pathlib import Path

import jax.numpy as jnp
import pytest

import tmsim
from tmsim import replaying, saved
from tmsim.audit import Audit, audit, load
from tmsim.cli import main
from tmsim.engine.memory import Table
from tmsim.machines import zoo
from tmsim.measure import findings


@pytest.fixture(scope="module")
def run() -> tmsim.Simulation:
    return tmsim.simulate("bb4")


@pytest.fixture(scope="module")
def path(run: tmsim.Simulation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("audit") / "bb4.npz"
    run.save(path)
    return path


def altered(run: tmsim.Simulation) -> tmsim.Simulation:
    """The run with another symbol written in step 50."""
    write = run.trace.write.copy()  # type: ignore[union-attr]
    write[0, 49] ^= 1
    return replace(run, trace=replace(run.trace, write=write))  # type: ignore[type-var]


def test_every_row_of_a_run_is_what_dense_attention_gives(run):
    found = audit(run)
    assert (found.agrees, found.rows, found.tokens, found.unknown) == (True, 107, 107, 0)
    assert found.scores == 2 * sum(range(1, 108))
    # A match scores 1 above the null row, which scores at least 1 above any mismatch.
    assert found.certificate.gaps == {"mean[0]": None, "latest[0]": 1}


def test_a_sample_is_drawn_by_its_seed(run):
    one, same, other = (audit(run, 9, seed) for seed in (1, 1, 2))
    assert one.scores == same.scores != other.scores and one.rows == other.rows == 9


def test_rows_of_the_prompt_are_attended_to_and_not_audited():
    typed = tmsim.simulate("bb4", "1101", max_steps=20)
    told = []
    found = audit(typed, watch=lambda done, total: told.append((done, total)))
    assert found.agrees and found.rows == 20 == typed.steps
    rows = typed.context - 1  # the last token predicts nothing
    assert told == [(rows, 2 * rows), (2 * rows, 2 * rows)]
    assert found.scores == 2 * sum(range(rows - 19, rows + 1))


def test_a_saved_run_that_is_not_what_the_transformer_does_disagrees(run):
    found = audit(altered(run), rows=5)
    assert not found.agrees and "the replay is not the run: step 50 differs" in found.first
    assert "disagreements" in found.verdict()


@dataclass(frozen=True)
class OneAside(Table):
    """Reads what was written one cell to the left."""

    def read(self, head, state, i, x):
        return super().read(head, jnp.roll(state, 1, axis=0).at[-1].set(state[-1]), i, x)


def test_a_table_that_gives_other_rows_than_dense_attention_is_told_of(run, monkeypatch):
    plan = replaying.engine.plan

    def wrong(*args) -> tuple:
        return tuple(
            tuple(OneAside(m.cells) if isinstance(m, Table) else m for m in kinds)
            for kinds in plan(*args)
        )

    monkeypatch.setattr(replaying.engine, "plan", wrong)
    monkeypatch.setattr("tmsim.audit.SHOWN", 1000)
    found = audit(run)
    assert not found.agrees
    for what in ("latest[0]: the value is", "the record is"):
        assert any(what in told for told in found.first)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"engine": "verify"}, "the run is of engine 'verify' with 107 tokens; expected"),
        ({"outcome": None}, "the run is interrupted with 107 tokens; expected"),
        ({"construction": "looped_tape", "rule": "unique"}, "feedback loop: expected a decoder"),
        ({"construction": "schuurmans_2024"}, "runs a translation into a "),
    ],
)
def test_what_cannot_be_audited_is_refused(run, changed, message):
    with pytest.raises(ValueError, match=message):
        audit(replace(run, **changed))


def test_the_command_prints_the_audit_and_agrees(path, capsys):
    assert main(["audit", str(path), "--rows", "20", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["rows"], told["disagreements"], told["trace_hash"]) == (20, 0, "a79baa6e")
    assert main(["audit", str(path), "--rows", "20"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("agrees: 20 of 107 rows")


def test_the_command_tells_a_disagreement_by_its_status(run, tmp_path, capsys):
    saved.save(altered(run), tmp_path / "wrong.npz")
    assert main(["audit", str(tmp_path / "wrong.npz"), "--rows", "5"]) == 1
    assert "step 50 differs" in capsys.readouterr().out


def test_a_folder_of_checkpoints_is_audited_once_its_run_has_ended(tmp_path, capsys):
    assert main(["run", "bb4", "--checkpoint", str(tmp_path / "run"), "--json"]) == 0
    assert load(tmp_path / "run").trace_hash == "a79baa6e"
    assert main(["audit", str(tmp_path / "run"), "--rows", "3"]) == 0
    with pytest.raises(ValueError, match="no checkpoint here; expected"):
        load(tmp_path)


def test_the_five_state_champion_ships_with_its_audit():
    kept = findings.place("tzamos_2026").parent / "audit_bb5.json"
    told, known = json.loads(kept.read_text(encoding="utf-8")), zoo.load("bb5")
    assert (told["machine"], told["steps"], told["tokens"]) == ("bb5", known.steps, known.steps)
    assert told["rows"] >= 1000 and told["disagreements"] == told["unknown"] == 0
    assert told["certificate"]["gaps"]["latest[0]"] > 0.5
    assert told.keys() == {field.name for field in fields(Audit)}
