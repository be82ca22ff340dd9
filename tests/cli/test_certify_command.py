"""`tmsim certify`: the certificate for people and as JSON, the check, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tmsim_verify.__main__ import main as verifier

WEI = ("certify", "wei_2021", "--states", "4", "--steps", "1000")


def test_what_is_certified_is_told_in_a_few_lines(tmsim) -> None:
    result = tmsim(*WEI)
    assert result.status == 0
    assert "every machine within 4 states, 2 symbols, 1 tape(s)" in result.out
    assert "1,001 rows" in result.out and "at least 1 apart" in result.out
    assert "in float64, float32, bfloat16, float16" in result.out


def test_what_is_not_certified_is_named(tmsim) -> None:
    told = tmsim("certify", "tzamos_2026").out
    assert "not certified:" in told and "mean[0]: weighs its rows" in told
    assert "nothing is rounded" not in told


def test_the_file_holds_for_the_command_and_for_the_verifier(
    tmsim, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "cert.json"
    printed = tmsim(*WEI, "--json", "-o", str(path)).out
    assert json.loads(printed) == json.loads(path.read_text(encoding="utf-8"))
    held = tmsim("certify", "--verify", str(path))
    assert held.status == 0 and held.out.startswith(f"{path}: holds\n")
    assert verifier([str(path)]) == 0
    assert capsys.readouterr().out.startswith(f"{path}: holds; nothing is rounded in float64")


def test_an_altered_figure_is_a_disagreement(
    tmsim, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "cert.json"
    tmsim(*WEI, "-o", str(path))
    said = json.loads(path.read_text(encoding="utf-8"))
    said["derived"]["largest partial sum"] -= 1
    path.write_text(json.dumps(said), encoding="utf-8")
    refused = tmsim("certify", "--verify", str(path))
    assert refused.status == 1 and "largest partial sum" in refused.out
    assert verifier([str(path)]) == 1
    assert "refused: certificate: derived: largest partial sum" in capsys.readouterr().err


def test_anothers_forms_under_this_name_are_a_disagreement(tmsim, tmp_path: Path) -> None:
    path = tmp_path / "cert.json"
    from tmsim import catalogue
    from tmsim.proofs.certify import certify
    from tmsim.proofs.construction import SHOWN

    path.write_text(json.dumps(certify(catalogue.find("li_2026"), SHOWN, "wei_2021")), "utf-8")
    refused = tmsim("certify", "--verify", str(path))
    assert refused.status == 1 and "not the forms of wei_2021" in refused.out


def test_a_file_does_not_say_what_is_imported(tmsim, tmp_path: Path) -> None:
    from tmsim import catalogue
    from tmsim.proofs.certify import certify
    from tmsim.proofs.construction import SHOWN

    path, name = tmp_path / "cert.json", "constructions.li_2026:Li2026"
    path.write_text(json.dumps(certify(catalogue.find(name), SHOWN, name)), "utf-8")
    assert tmsim("certify", "--verify", str(path)).status == 2
    assert tmsim("certify", name, "--verify", str(path)).status == 0


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        ((), "expected a CONSTRUCTION, or --verify FILE"),
        (("li_2025", "--tapes", "2"), "li_2025: --tapes 2; expected at most 1"),
        (("wei_2022",), "did you mean wei_2021"),
        (("wei_2021", "--steps", "0"), "expected a whole number from 1"),
        (("--verify", "no-such-file.json"), "no-such-file.json: No such file"),
    ],
)
def test_bad_input_is_told_in_one_line(tmsim, argv: tuple[str, ...], told: str) -> None:
    result = tmsim("certify", *argv)
    assert result.status == 2 and told in result.err and result.err.count("\n") == 1


def test_the_verifier_asks_for_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert verifier([]) == 2 and "usage" in capsys.readouterr().err
    assert verifier(["no-such-file.json"]) == 1
