"""The one door: names of the zoo, files, texts, and what is none of these."""

from __future__ import annotations

import pytest

from tmsim.machines import load, zoo

BB2 = "1RB1LB_1LA1RZ"


def test_a_name_of_the_zoo_brings_its_sample_input():
    document = load("binary-addition-3-tapes")
    entry = zoo.load("binary-addition-3-tapes")
    assert (document.machine, document.tapes) == (entry.machine, (tuple("1011"), tuple("110")))
    assert document.heads == (0, 0, 0)


def test_text_and_file_give_the_same(tmp_path):
    file = tmp_path / "machine.txt"
    file.write_text(BB2 + "\n")
    assert load(file) == load(str(file)) == load(BB2) == load(f" {BB2}\n", "bbchallenge")


def test_the_zoo_comes_before_files(tmp_path, monkeypatch):
    (tmp_path / "bb4").write_text(BB2)
    monkeypatch.chdir(tmp_path)
    assert load("bb4").machine == zoo.load("bb4").machine
    assert load("./bb4").machine == load("bb4", "bbchallenge").machine == load(BB2).machine


def test_what_is_none_of_the_three_is_told_so():
    with pytest.raises(ValueError) as error:
        load("bb44")
    known = "'bb44' is no machine of the zoo, no file, and no text in a format (automata-lib, bbcha"
    assert str(error.value).startswith(known) and "did you mean bb4 or" in str(error.value)
    with pytest.raises(ValueError, match=r"\.\.\.' is no machine"):
        load("x" * 5000)
    with pytest.raises(ValueError, match="no machine of the zoo"):
        load("a\0b")
    with pytest.raises(ValueError, match="no machine of the zoo"):
        load("")


def test_files_that_cannot_be_read_are_told_so(tmp_path):
    with pytest.raises(ValueError, match="there is no file"):
        load(tmp_path / "absent.txt")
    (tmp_path / "bytes.txt").write_bytes(b"\xff\xfe")
    with pytest.raises(ValueError, match="is not UTF-8 text"):
        load(tmp_path / "bytes.txt")


def test_a_mistake_in_a_text_is_the_parsers_to_tell():
    with pytest.raises(ValueError, match="row B has 1 entries"):
        load("1RB1LA_1LA")
