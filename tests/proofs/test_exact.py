"""The exact reading of whole programs: passes, single layers, feedback, encoders."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.proofs.toys import (
    copies_latest,
    counter,
    one_layer,
    ring,
    vector_counter,
    with_leaves,
)
from tmsim.outcome import Outcome
from tmsim.proofs import (
    ONE,
    Activation,
    All,
    Average,
    Head,
    Index,
    Layer,
    Limit,
    Neuron,
    Prefix,
    Program,
    Reciprocal,
    Stream,
    Sum,
    Token,
    Unique,
    Vector,
)
from tmsim.proofs.exact import apply, decode, forward
from tmsim.proofs.exact_numbers import Undecided


def test_positions_are_written_in_from_zero_and_integers_stay_integers() -> None:
    s = Stream()
    count, inverse, word = s.scalar("count"), s.scalar("1/count"), s.scalar("word")
    where = [Index("count", start=1), Reciprocal("1/count")]
    product = s.scalar("product")
    layer = Layer("1", neurons=[Neuron(count, product, gate=inverse)])
    resid = forward(one_layer(s, layer, where), [{"word": 5}] * 3).resid
    assert resid[0] == [[1, 1, 5, 0], [2, Fraction(1, 2), 5, 0], [3, Fraction(1, 3), 5, 0]]
    assert [row[3] for row in resid[-1]] == [1, 1, 1]
    assert all(type(row[3]) is int for row in resid[-1])
    del word


def test_neurons_read_the_sum_that_the_heads_leave() -> None:
    s = Stream()
    x, total, out = s.scalar("x"), s.scalar("total"), s.scalar("out")
    head = Head("total", [], [], [x], [total], Sum())
    program = one_layer(s, Layer("twice the sum", [head], [Neuron(2 * total, out)]))
    one_pass = forward(program, [[1, 0, 0], [2, 0, 0]])
    assert one_pass.mid[0] == [[1, 1, 0], [2, 3, 0]]
    assert one_pass.resid[-1] == [[1, 1, 2], [2, 3, 6]]


@given(st.lists(st.fixed_dictionaries({"address": st.integers(0, 3), "symbol": st.integers(0, 2)})))
def test_one_layer_at_a_time_gives_what_the_whole_pass_gives(written) -> None:
    program = copies_latest()
    one_pass = forward(program, [{"null": 1, "symbol": 0}, *written])
    for layer in range(len(program.layers)):
        assert apply(program, layer, one_pass.resid[layer]) == one_pass.resid[layer + 1]


def cross_program(encoder: bool = True) -> Program:
    """Reads the sum over the encoder's rows, whose own layer doubles what they hold."""
    s = Stream()
    x, doubled, read = s.scalar("x"), s.scalar("doubled"), s.scalar("read")
    twice = [Layer("twice", neurons=[Neuron(2 * x, doubled)])]
    head = Head("cross", [], [], [x + doubled], [read], Sum(), visible=Prefix())
    return Program(
        s, [Layer("read", [head])], [], Token(()), [], [], encoder=twice if encoder else ()
    )


def test_cross_attention_reads_the_encoders_final_rows() -> None:
    encoder = [{"x": 1}, {"x": 4}]
    one_pass = forward(cross_program(), [{"x": 7}], encoder)
    assert one_pass.encoder == [[1, 2, 0], [4, 8, 0]]
    assert one_pass.resid[-1] == [[7, 0, 15]]
    assert forward(cross_program(False), [{"x": 7}], encoder).resid[-1] == [[7, 0, 5]]
    assert apply(cross_program(), 0, one_pass.resid[0], one_pass.encoder) == one_pass.resid[-1]


def test_token_feedback_counts_until_it_halts() -> None:
    run = decode(counter(), [{"now": 0}], 10)
    assert (run.outcome, run.emitted) == (Outcome.halted, {"following": [1, 2, 3]})
    assert [row[:4].index(1) for row in run.rows] == [0, 1, 2, 3]


@given(st.integers(0, 5))
def test_a_run_that_does_not_end_is_out_of_steps(most) -> None:
    run = decode(vector_counter(), [{"x": 10}], most)
    assert run.outcome == Outcome.out_of_steps
    assert run.emitted == {
        "more": list(range(11, 11 + most)),
        "next_odd": [(j + 1) % 2 for j in range(most)],
    }


def test_the_prompts_own_outputs_are_discarded() -> None:
    run = decode(counter(), [{"now": 3}, {"now": 1}], 10)
    assert run.emitted == {"following": [2, 3]}


@given(st.integers(2, 5), st.integers(0, 6))
def test_a_loop_records_the_active_row(rows, passes) -> None:
    prompt = [{"place": i, "left": (i - 1) % rows, "mark": int(i == 0)} for i in range(rows)]
    run = decode(ring(rows), prompt, passes)
    assert run.outcome == Outcome.out_of_steps
    assert run.emitted == {"at": [p % rows for p in range(passes)]}


def test_an_unclear_token_is_illegible_and_emits_nothing() -> None:
    assert decode(counter(), [{}], 10).outcome == Outcome.illegible
    s = Stream()
    now, logits = s.one_hot("now", 2), s.one_hot("logits", 2)
    unsure = [Neuron(now[0], Fraction(1, 2) * logits[0] + Fraction(1, 8) * logits[1])]
    layer = Layer("unsure", neurons=unsure)
    program = Program(s, [layer], [], Token(((logits, now),)), [], [logits])
    run = decode(program, [{"now": 0}], 10)
    assert (run.outcome, run.emitted) == (Outcome.illegible, {"logits": []})


def test_a_vector_that_holds_no_bit_is_illegible() -> None:
    run = decode(vector_counter(), [[0, Fraction(1, 2), 0, 0]], 10)
    assert run.outcome == Outcome.illegible


def test_a_carried_vector_is_held_to_its_kind_though_nothing_is_emitted() -> None:
    program = vector_counter()
    silent = Program(program.stream, program.layers, [], program.feedback, [], [])
    assert decode(silent, [[0, Fraction(1, 2), 0, 0]], 10).outcome == Outcome.illegible
    assert decode(silent, [[0, 1, 0, 0]], 10).outcome == Outcome.out_of_steps


def test_an_emitted_one_hot_register_that_holds_none_is_minus_one() -> None:
    program = vector_counter()
    stream, none = program.stream, program.stream.one_hot("none", 3)
    emitting = Program(stream, program.layers, [], program.feedback, [], [none])
    assert decode(emitting, [{}], 2).emitted == {"none": [-1, -1]}


def test_a_tie_ends_the_run() -> None:
    s = Stream()
    x, read = s.scalar("x"), s.scalar("read")
    head = Head("one", [ONE], [x], [x], [read], Unique())
    program = Program(s, [Layer("read", [head])], [], Vector(((read, x),)), [], [read])
    run = decode(program, [{"x": 3}], 10)  # the second row is told 3 as well
    assert (run.outcome, run.emitted) == (Outcome.unexpected_tie, {"read": [3]})


def test_a_limit_stops_and_a_limit_per_dtype_does_not_apply() -> None:
    program = vector_counter()
    more = program.stream.registers["more"]
    for at_most, outcome, count in (
        (3, Outcome.out_of_cells, 3),
        ((("float32", 3),), Outcome.out_of_steps, 9),
    ):
        stops = [Limit(Outcome.out_of_cells, -1 * more, at_most)]
        limited = Program(
            program.stream, program.layers, [], program.feedback, stops, program.emits
        )
        run = decode(limited, [{}], 9)
        assert (run.outcome, len(run.emitted["more"])) == (outcome, count)


def test_row_by_row_is_all_rows_at_once() -> None:
    """The rows that a run fed itself, passed at once, end where each of them ended."""
    program = vector_counter()
    run = decode(program, [{}], 6)
    finals = forward(program, run.rows).resid[-1]
    assert [row[2] for row in finals[:-1]] == run.emitted["more"]


def test_what_cannot_be_run_is_refused_with_its_place() -> None:
    with pytest.raises(ValueError, match=r"next\[0, 0, 0\] has no number yet: bind"):
        forward(with_leaves(), [{}])
    with pytest.raises(ValueError, match="the prompt has no rows"):
        decode(counter(), [], 3)
    with pytest.raises(ValueError, match="row 1 has 3 coordinates; expected 8"):
        forward(counter(), [{}, [1, 2, 3]])
    s = Stream()
    x, mean = s.scalar("x"), s.scalar("mean")
    head = Head("mean", [], [], [x], [mean], Average(), visible=All())
    with pytest.raises(ValueError, match="head mean sees rows that do not exist yet"):
        decode(one_layer(s, Layer("mean", [head])), [{}], 3)


def test_an_undecided_comparison_names_layer_head_and_row() -> None:
    s = Stream()
    x, y, key, read = (s.scalar(name) for name in ("x", "y", "key", "read"))
    # sigmoid(x) + sigmoid(-x) is 1, which no ball can tell from the other row's rational 1.
    both_sides = [
        Neuron(a * x, Fraction(1) * key, gate=y, activation=Activation.sigmoid) for a in (1, -1)
    ]
    given = Neuron(1 - y, 1 * key)
    layers = [
        Layer("keys", neurons=[*both_sides, given]),
        Layer("compare", [Head("best", [ONE], [key], [x], [read], Unique())]),
    ]
    program = Program(s, layers, [], Token(()), [], [])
    rows = [{"x": 3, "y": 1}, {"x": 0, "y": 0}]
    with pytest.raises(Undecided, match=r"compare: head best, row 1: .* may be negative"):
        forward(program, rows)
