"""GPT-2's weights are the proof's in another place: laws of what moves them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tmsim.cli import main
from tmsim.cli.exit import Exit
from tmsim.export.gpt2.parts import Form, NeuronsPart, narrowed
from tmsim.export.gpt2.residual import Lifetimes, needed, slots, summed
from tmsim.machines import load

SMALL = st.integers(-2, 2)


def matrices(rows: int, columns: int) -> st.SearchStrategy[np.ndarray]:
    line = st.lists(SMALL, min_size=columns, max_size=columns)
    return st.lists(line, min_size=rows, max_size=rows).map(lambda x: np.array(x, float))


@given(matrices(3, 5), matrices(3, 5), matrices(1, 3))
def test_taking_equal_columns_together_keeps_every_score(a, b, x) -> None:
    """Σ aᵢ(x) bᵢ(y) is the same for all x and y."""
    first, second = narrowed(Form(a, np.zeros(5)), Form(b, np.ones(5)))
    y = x[:, ::-1]
    before = ((x @ a) * (y @ b + 1)).sum()
    assert ((x @ first.W + first.b) * (y @ second.W + second.b)).sum() == before


# Born and last read, as part numbers.
Life = st.tuples(st.integers(-1, 9), st.integers(-1, 10))


@given(st.lists(Life, max_size=12))
def test_no_two_lives_share_a_slot(lives) -> None:
    """A slot's next owner is written no earlier than the last one is cleared, after its reading."""
    born, read = np.array(lives, int).reshape(-1, 2).T
    placed = slots(Lifetimes(born, read), first=1)
    for time in range(-1, 11):
        held = placed.held(time)
        assert len(set(held.values())) == len(held)
        assert all(1 <= slot < placed.width for slot in held.values())
        for c, (begun, last) in enumerate(lives):
            if begun <= time < last:
                assert c in held
    for c in np.flatnonzero(placed.cleared >= 0):
        assert placed.cleared[c] % 2 == 1
        assert placed.cleared[c] >= read[c]


@given(matrices(4, 6), matrices(6, 4), matrices(4, 6), matrices(6, 4), matrices(3, 4))
def test_sums_and_unread_coordinates_change_nothing(w1, o1, w2, o2, x) -> None:
    """Two layers of ReLUs give the same logit in the rewritten stream."""
    parts = [NeuronsPart(Form(w, np.ones(6)), o) for w, o in ((w1, o1), (w2, o2))]
    wanted = np.eye(4)[:, :2]

    def run(parts, stream, wanted):
        for part in parts:
            stream = stream + np.maximum(stream @ part.reads.W + part.reads.b, 0) @ part.out
        return stream @ wanted

    rewritten, given_rows, new_wanted = summed(needed(parts, x, wanted), x, wanted)
    assert np.array_equal(run(parts, x, wanted), run(rewritten, given_rows, new_wanted))


def test_each_sum_of_the_last_readings_is_one_coordinate() -> None:
    """x + y, read once, is written as one."""
    part = NeuronsPart(Form(np.array([[1.0], [1.0], [0.0]]), np.zeros(1)), np.array([[0.0, 0, 1]]))
    made, _, _ = summed([part], np.array([[1.0, 1, 0]]), np.array([[0.0], [0], [1]]))
    [only] = made
    assert isinstance(only, NeuronsPart)
    assert np.flatnonzero(only.reads.W.any(1)).tolist() == [3]


@pytest.mark.parametrize("name", ["bb4", "palindrome-2-tapes", "unary-doubling"])
def test_words_are_told_apart_by_white_space(name: str) -> None:
    from constructions._brosamle.vocabulary import vocabulary

    machine = load(name).machine
    words = list(vocabulary(machine))
    assert " ".join(words).split() == words
    assert len(set(words)) == len(set(vocabulary(machine).values()))


BAD = [
    (("--to", "paper"), "the targets are"),
    (("--to", "huggingface", "--max-steps", "100000"), "guaranteed to 16,384"),
    (("--to", "huggingface", "--construction", "wei_2021"), "lists no vocabulary"),
]


@pytest.mark.parametrize(("asked", "told"), BAD, ids=[told for _, told in BAD])
def test_what_cannot_be_written_is_refused_in_one_line(asked, told, tmp_path, capsys) -> None:
    target, name, *rest = asked
    folder = tmp_path / "out"
    assert main(["export", "bb2", target, name, str(folder), *rest]) == Exit.bad_input
    [line] = capsys.readouterr().err.splitlines()
    assert told in line
    assert not folder.exists()


def test_a_folder_that_holds_something_is_left_alone(tmp_path, capsys) -> None:
    (tmp_path / "mine").write_text("mine")
    assert main(["export", "bb2", "--to", "huggingface", str(tmp_path)]) == Exit.bad_input
    assert "not empty" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]
