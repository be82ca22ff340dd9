"""The pytest plugin of tmsim: Hypothesis profiles for test suites that check constructions.

It is loaded in every test run of every environment that has tmsim installed, so it imports the
standard library only until one of its options is used: a plugin that imported JAX would slow
suites that have nothing to do with it, and would hide import-time code from their coverage.

`--tmsim-profile=NAME`, or `tmsim_profile = NAME` in pytest's configuration, selects one of

| profile | examples | drawn | for |
|---|---|---|---|
| `ci` | 100 | the same in every run | a verdict that depends on the commit alone |
| `dev` | 100 | afresh, failures replayed | work at the desk |
| `deep` | 5,000 | afresh, failures replayed | a night's search for a counter-example |

No profile looks at the clock (no deadline, no health check `too_slow`): the first example of a
test may compile a transformer. The option wins over the configuration; `--hypothesis-profile` wins
over the configuration too, and may not be given together with the option.

    $ pytest --tmsim-profile=deep

`--tmsim-construction=NAME`, a name of `tmsim list` or module:Class of the folder that pytest was
started in, is the construction that the tests of `tmsim.testing.suite` hold to its theorem, and any
other test that asks for the fixture `tmsim_construction`; it may be given more than once. Without
a profile of its own such a run takes `ci`.

    $ pytest --pyargs tmsim.testing.suite --tmsim-construction my_module:MyProof

Under a profile the process also lets go of compiled code between tests when it holds much of it:
each compiled program takes pieces of the address space, of which Linux gives a process 65,530, and
a suite over many constructions would end in a segmentation fault inside the compiler.
"""

from __future__ import annotations

import sys
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator

PROFILES: dict[str, dict[str, Any]] = {
    "ci": {"max_examples": 100, "derandomize": True, "database": None},
    "dev": {"max_examples": 100},
    "deep": {"max_examples": 5_000},
}
MAPPINGS = Path("/proc/self/maps")
"""The pieces of this process's address space, one a line (Linux)."""
MOST_MAPPINGS = 20_000
SECONDS_BETWEEN_LOOKS = 2


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("tmsim")
    group.addoption(
        "--tmsim-profile",
        choices=sorted(PROFILES),
        help="Hypothesis profile for tests of constructions (overrides the ini value)",
    )
    group.addoption(
        "--tmsim-construction",
        action="append",
        default=[],
        metavar="NAME",
        help="hold this construction to its theorem: a name of `tmsim list`, or module:Class",
    )
    parser.addini("tmsim_profile", help="default of --tmsim-profile", default="")


def pytest_configure(config: pytest.Config) -> None:
    asked = config.getoption("tmsim_construction")
    name = _selected(config) or ("ci" if asked else "")
    if name:
        _load(name)
        config.pluginmanager.register(_CompiledCode(), "tmsim-compiled-code")
    if asked:
        # As with `python -m pytest`: my_module:MyProof means a file of this folder.
        sys.path.insert(0, str(config.invocation_params.dir))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "tmsim_construction" in metafunc.fixturenames:
        names = metafunc.config.getoption("tmsim_construction")
        if not names:
            told = f"{metafunc.definition.nodeid}: expected --tmsim-construction NAME"
            raise pytest.Collector.CollectError(told)
        metafunc.parametrize("tmsim_construction", names, indirect=True)


@pytest.fixture
def tmsim_construction(request: pytest.FixtureRequest) -> Any:
    """The construction that `--tmsim-construction` names."""
    from tmsim import catalogue

    try:
        return catalogue.find(request.param)
    except ValueError as error:
        pytest.fail(str(error), pytrace=False)


def _parameters(item: pytest.Item) -> dict[str, Any]:
    """What the test's fixtures were given."""
    return getattr(getattr(item, "callspec", None), "params", {})


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A broken law is told in its parts; of the way to it nothing is worth reading."""
    report = yield
    loaded = sys.modules.get("tmsim.testing.laws.broken")
    wrong: Any = None if call.excinfo is None else call.excinfo.value
    if loaded is not None and isinstance(wrong, loaded.LawBroken):
        name = _parameters(item).get("tmsim_construction")
        if name:
            from tmsim.testing.laws.single import report as told

            report.longrepr = told(wrong, name)
    return report


def _selected(config: pytest.Config) -> str:
    """The profile asked for, or "" for none."""
    option = config.getoption("tmsim_profile")
    other = config.getoption("hypothesis_profile", None)
    if option and other:
        _refuse(f"--tmsim-profile={option} and --hypothesis-profile={other}: expected one of them")
    if other:
        return ""
    name = option or config.getini("tmsim_profile")
    if name and name not in PROFILES:
        _refuse(f"tmsim_profile = {name!r}: expected one of {', '.join(sorted(PROFILES))}")
    return name


def _load(name: str) -> None:
    from hypothesis import HealthCheck, settings

    # Our own prefix: Hypothesis has a profile "ci" too, and a project may have a "dev".
    profile = f"tmsim-{name}"
    settings.register_profile(
        profile,
        settings.get_profile("default"),
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
        **PROFILES[name],
    )
    settings.load_profile(profile)


class _CompiledCode:
    """Lets go of what JAX has compiled when its pieces are many; it is compiled again if needed."""

    def __init__(self) -> None:
        self.looked = monotonic()

    def pytest_runtest_logfinish(self) -> None:
        jax = sys.modules.get("jax")
        if jax is None or monotonic() - self.looked < SECONDS_BETWEEN_LOOKS:
            return
        if MAPPINGS.exists() and MAPPINGS.read_bytes().count(b"\n") > MOST_MAPPINGS:
            jax.clear_caches()
        self.looked = monotonic()


def _refuse(message: str) -> None:
    raise pytest.UsageError(message)
