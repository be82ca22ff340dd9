"""The viewer's page in a real browser, and the same front end as a widget."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

import tmsim
from tmsim.machines import TuringMachine
from tmsim.simulation import Simulation
from tmsim.viz.viewer import page

EVIL = "<img src=x onerror=boom()>"
SET = "(node, value) => { node.value = value; node.dispatchEvent(new Event('input')); }"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium")
    assert chromium, "the tests of the page need Chromium: apt-get install chromium"
    with sync_playwright() as playwright:
        # Without its sandbox it also starts as root, as CI runs it; the page is our own.
        found = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield found
        found.close()


@pytest.fixture(scope="module")
def run() -> Simulation:
    return tmsim.simulate("bb4")


class Shown:
    """A page that is open, and what it did that it should not."""

    def __init__(self, browser: Browser, text: str, path: Path) -> None:
        path.write_text(text, encoding="utf-8")
        self.page: Page = browser.new_page(viewport={"width": 1200, "height": 900})
        self.wrong: list[str] = []
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("console", lambda message: self.wrong.append(message.text))
        self.page.on("dialog", lambda dialog: self.wrong.append(dialog.message))
        self.asked: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(path.as_uri())
        self.page.wait_for_selector(".controls")

    @property
    def step(self) -> int:
        return int(self.page.input_value("input[type=range]"))

    def go(self, step: int) -> None:
        self.page.eval_on_selector("input[type=range]", SET, step)

    def wait(self, until: Callable[[], bool]) -> None:
        """Asked from outside: the page's own policy forbids what is evaluated from text."""
        for _ in range(100):
            if until():
                return
            self.page.wait_for_timeout(50)
        raise AssertionError("still not so after five seconds")

    def register(self, name: str) -> str:
        return self.page.text_content(f'[data-register="{name}"]') or ""

    @property
    def under(self) -> tuple[int, str]:
        """The head's cell and the symbol there."""
        cell = self.page.locator(".cell.under")
        return int(cell.get_attribute("data-cell") or ""), cell.locator(".symbol").inner_text()


@pytest.fixture
def shown(browser: Browser, run: Simulation, tmp_path: Path) -> Iterator[Shown]:
    found = Shown(browser, page(run), tmp_path / "run.html")
    yield found
    assert found.wrong == []
    assert len(found.asked) == 1 and found.asked[0].startswith("file://")
    found.page.close()


def test_it_opens_at_the_start(shown: Shown, run: Simulation) -> None:
    assert shown.step == 0
    assert shown.page.inner_text("h1") == "bb4 in tzamos_2026"
    assert shown.page.inner_text(".said") == run.verdict()


def test_every_step_shows_the_values_of_the_trace(shown: Shown, run: Simulation) -> None:
    for step, taken in enumerate(run.trace.rows()):
        shown.go(step)
        assert shown.step == step
        assert shown.under == (taken.heads[0], taken.read[0])
        told = [shown.register(name) for name in ("state", "next_state", "read[0]", "write[0]")]
        assert told == [taken.state, taken.next_state, taken.read[0], taken.write[0]]
        assert shown.register("move[0]") == taken.moves[0].name
    assert shown.page.locator(".verdict.holds").count() == 3


def test_the_tape_at_the_end_is_the_run_s(shown: Shown, run: Simulation) -> None:
    shown.page.keyboard.press("End")
    assert shown.step == run.steps
    cells = {
        int(cell.get_attribute("data-cell") or ""): cell.locator(".symbol").inner_text()
        for cell in shown.page.locator(".cell").all()
    }
    left, word = run.final.trimmed(0)
    assert "".join(cells[left + i] for i in range(len(word))) == run.tape
    assert sum(symbol == "1" for symbol in cells.values()) == 13
    assert "halted" in shown.page.inner_text(".transition")


def test_the_keyboard_steps(shown: Shown, run: Simulation) -> None:
    for key, step in (("ArrowRight", 1), ("ArrowRight", 2), ("ArrowLeft", 1), ("End", run.steps),
                      ("ArrowRight", run.steps), ("Home", 0), ("ArrowLeft", 0)):  # fmt: skip
        shown.page.keyboard.press(key)
        assert shown.step == step, key


def test_space_plays_and_pauses(shown: Shown) -> None:
    shown.page.select_option("select", "20")
    shown.page.locator("body").press(" ")
    shown.wait(lambda: shown.step > 4)
    shown.page.locator("body").press(" ")
    stopped = shown.step
    shown.page.wait_for_timeout(300)
    assert shown.step == stopped >= 5


def test_it_plays_to_the_end_and_stops(shown: Shown, run: Simulation) -> None:
    shown.page.select_option("select", "200")
    shown.page.get_by_label("play (space)").click()
    shown.wait(lambda: shown.step == run.steps)
    shown.page.wait_for_selector('[aria-label="play (space)"]')


def test_the_overview_scrubs(shown: Shown, run: Simulation) -> None:
    box = shown.page.locator("canvas").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    shown.page.mouse.click(x, y)
    assert abs(shown.step - run.steps // 2) <= 1
    shown.page.mouse.down()
    shown.page.mouse.move(x, box["y"] + box["height"] - 1)
    shown.page.mouse.up()
    assert shown.step == run.steps


def test_an_arc_and_a_line_tell_where_the_head_looks(shown: Shown) -> None:
    shown.go(40)
    [place] = [
        arc.get_attribute("data-place")
        for arc in shown.page.locator('.arc[data-head="latest[0]"]').all()
    ]
    line = shown.page.locator('tr[data-head="latest[0]"]').inner_text().split("\t")
    assert place == "39" and line[3] == "row 39" and line[4:] == ["B 1 R", "0", "1"]


def test_a_token_that_is_clicked_is_shown(shown: Shown) -> None:
    shown.go(40)
    shown.page.locator('.token[data-place="37"]').click()
    assert shown.step == 37


def test_the_controls_come_first_and_have_names(shown: Shown) -> None:
    names = []
    for _ in range(7):
        shown.page.keyboard.press("Tab")
        names.append(shown.page.evaluate("document.activeElement.getAttribute('aria-label')"))
    assert names[0].startswith("first step") and "play (space)" in names and names[-1] == "step"
    assert "state" in shown.page.inner_text("[aria-live]")


def test_a_narrow_page_does_not_scroll_sideways(shown: Shown) -> None:
    shown.page.set_viewport_size({"width": 380, "height": 700})
    shown.page.wait_for_timeout(100)
    assert shown.page.evaluate("document.documentElement.scrollWidth") <= 380


def test_names_from_a_file_are_shown_not_run(browser: Browser, tmp_path: Path) -> None:
    machine = TuringMachine.one_tape(
        {(EVIL, "0"): ("Z", "<b>", "R")},
        start=EVIL, blank="0", halting=frozenset({"Z"}),
    )  # fmt: skip
    found = Shown(browser, page(tmsim.simulate(machine)), tmp_path / "evil.html")
    assert EVIL in found.page.inner_text(".transition")
    found.page.keyboard.press("End")
    assert "<b>" in [s.inner_text() for s in found.page.locator(".symbol").all()]
    assert found.page.locator("img, b").count() == 0 and found.wrong == []
    found.page.close()


def test_a_row_of_several_tokens_a_step_is_chosen(browser: Browser, tmp_path: Path) -> None:
    run = tmsim.simulate("bb2", construction="pencil_2025")
    found = Shown(browser, page(run), tmp_path / "pencil.html")
    found.page.keyboard.press("ArrowRight")
    first = found.page.inner_text(".rows")
    found.page.get_by_label("the step's row before").click()
    assert found.page.inner_text(".rows") != first and found.wrong == []
    found.page.close()


def test_the_widget_is_the_same_front_end(
    browser: Browser, run: Simulation, tmp_path: Path
) -> None:
    widget = run.view()
    # What anywidget does with it: the module's render, an element, and a model to ask.
    text = f"""<!doctype html><meta charset="utf-8"><style>{widget._css}</style>
    <div id="cell"></div>
    <script type="module">
    {str(widget._esm).replace("export default", "const widget =")}
    const model = {{ get: (name) => ({{ packed: "{widget.packed}" }})[name] }};
    widget.render({{ model, el: document.querySelector("#cell") }});
    </script>"""
    found = Shown(browser, text, tmp_path / "widget.html")
    found.page.locator(".tmsim-view").focus()
    found.page.keyboard.press("End")
    assert found.step == run.steps and found.wrong == []
    found.page.close()
