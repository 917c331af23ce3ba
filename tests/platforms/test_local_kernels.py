"""A notebook on this machine: its kernel, and its software where that kernel runs."""

import json
import sys

import pytest
from contract import PlatformContract, check

from jupyter_canidothis.answer import Verdict
from jupyter_canidothis.command import Completed
from jupyter_canidothis.errors import PlatformTimeout
from jupyter_canidothis.evidence import Evidence
from jupyter_canidothis.inventory import listing
from jupyter_canidothis.planner import Planner
from jupyter_canidothis.platforms.base import Ask, Edges
from jupyter_canidothis.platforms.local import Local, LocalConfig
from jupyter_canidothis.platforms.local.kernels import read_kernels
from jupyter_canidothis.platforms.registry import Entry, describe
from jupyter_canidothis.resources import Range, Resources
from jupyter_canidothis.task import Executable, Software, Task
from jupyter_canidothis.units import GIB

NOW = 1_795_000_000


def spec(language="python", argv=("/env/bin/python3", "-m", "ipykernel_launcher"), env=()):
    return {"spec": {"language": language, "argv": list(argv), "env": dict(env)}}


SPECS = {
    "analysis": spec(),
    "ir": spec("R", ["R", "--slave", "-e", "IRkernel::main()"]),
}


class Interpreters:
    """A command that answers like the interpreters of kernels, and counts."""

    def __init__(self, told):
        self.told = told
        self.ran = []
        self.env = {}

    async def run(self, argv, *, deadline, env, cap):
        self.ran.append(tuple(argv[:-1]))
        self.env = env
        told = self.told[argv[0]]
        if told is None:
            raise PlatformTimeout(f"{argv[0]} did not end")
        text = told if isinstance(told, str) else json.dumps(told)
        return Completed(tuple(argv), 0, text, "", 5)


def holds(*found, modules=(), conda=(), path=()):
    return {"found": found, "conda": conda, "modules": modules, "path": path}


NUMPY = holds(("NumPy", "1.26"), ("ruamel.yaml", "0.18.6"))


@pytest.fixture
def here(tmp_path, monkeypatch):
    """Make a platform with kernels whose interpreters tell what they hold."""
    monkeypatch.setattr("shutil.which", lambda program: program)

    def make(told=NUMPY, specs=SPECS, clock=lambda: NOW, **programs):
        async def kernel_specs():
            if specs is None:
                raise OSError("no such folder")
            return specs

        commands = Interpreters(programs.get("by_program") or {"/env/bin/python3": told})
        edges = Edges(clock=clock, command=commands, kernel_specs=kernel_specs)
        config = LocalConfig(kind="local", directory=str(tmp_path))
        platform = Local(config, edges, root=tmp_path, environ={"HOME": "/home/me"})
        platform.commands = commands
        return platform

    return make


def notebook(*software, kernel="analysis", languages=("python",), **resources):
    return Task(
        Executable("uri://jupyter-notebook", kernel=kernel, languages=languages),
        Resources(**resources),
        software=software,
    )


async def ask(platform, wanted):
    snapshot = await platform.snapshot(Ask())
    return check(await platform.ask(wanted, snapshot, Ask()), platform)


async def plan(platform, wanted):
    """Ask through the planner, which checks the changes."""
    whole = await Planner([Entry(describe(platform, "configured"), platform)]).ask(wanted)
    return whole.answers[0]


def told(answer):
    return [(reason.code, reason.field, reason.message) for reason in answer.reasons]


class TestContract(PlatformContract):
    @pytest.fixture
    def platform(self, here):
        return here()

    @pytest.fixture
    def accepted(self):
        return notebook(Software("numpy", ">=1.20"))

    @pytest.fixture
    def refused(self):
        return notebook(Software("numpy"), kernel="gone", cores=Range(10**9))


async def test_a_kernel_that_is_not_installed_is_a_no_with_the_nearest_that_is(here):
    answer = await plan(here(), notebook(Software("numpy"), kernel="py39"))
    assert (answer.verdict, answer.now) == (Verdict.NO, Verdict.NO)
    assert told(answer) == [
        (
            "software-missing",
            "/executable/kernel",
            "Kernel py39 is not installed; installed: analysis (python), ir (r)",
        )
    ]
    (change,) = answer.changes
    assert (change.message, change.checked) == ("Kernel py39 → analysis", True)
    assert answer.evidence[answer.reasons[0].evidence[0]].source == "kernel specs of Jupyter"


async def test_another_kernel_is_not_proposed_where_it_lacks_the_software(here):
    answer = await plan(here(), notebook(Software("torch"), kernel="py39"))
    assert answer.verdict is Verdict.NO
    assert answer.changes == ()


async def test_a_kernel_is_found_however_its_name_is_written(here):
    assert (await ask(here(), notebook(kernel="Analysis"))).verdict is Verdict.YES


async def test_without_a_name_any_kernel_of_the_language_will_do(here):
    platform = here()
    yes = await ask(platform, notebook(kernel="", languages=("R",)))
    assert yes.verdict is Verdict.YES
    no = await ask(platform, notebook(kernel="", languages=("julia",)))
    assert told(no) == [
        (
            "software-missing",
            "/executable/languages",
            "No kernel for julia is installed; installed: analysis (python), ir (r)",
        )
    ]


async def test_a_task_that_says_its_type_alone_runs_nothing(here):
    platform = here(specs={})
    answer = await ask(platform, Task(Executable("uri://jupyter-notebook")))
    assert answer.verdict is Verdict.YES
    assert platform.commands.ran == []


async def test_kernels_that_cannot_be_listed_are_said_beside_the_yes(here):
    answer = await ask(here(specs=None), notebook())
    assert answer.verdict is Verdict.YES
    assert told(answer) == [
        ("not-published", "/executable/kernel", "What kernels are installed cannot be read")
    ]


async def test_software_that_is_missing_is_a_no_with_what_would_add_it(here):
    answer = await ask(here(), notebook(Software("numpy"), Software("torch")))
    assert (answer.verdict, answer.now) == (Verdict.NO, Verdict.NO)
    assert told(answer) == [
        (
            "software-missing",
            "/software/1",
            "torch is not installed in the kernel analysis; pip install torch would add it",
        )
    ]
    evidence = answer.evidence[answer.reasons[0].evidence[0]]
    assert evidence.source == "importlib.metadata of /env/bin/python3"


@pytest.mark.parametrize(
    "need",
    [
        Software("x; rm -rf ~"),
        Software("zzz", evidence=(Evidence("inferred", "table", "assumed to be named so"),)),
    ],
)
async def test_a_name_that_is_none_or_only_guessed_is_put_into_no_command(here, need):
    answer = await ask(here(), notebook(need))
    assert answer.verdict is Verdict.NO
    assert "pip install" not in answer.reasons[0].message


@pytest.mark.parametrize(
    ("asked", "verdict"),
    [
        ("", "YES"),
        ("==1.26.0", "YES"),
        (">=1.20,<2", "YES"),
        ("==2.0", "NO"),
        ("<1.26", "NO"),
    ],
)
async def test_the_version_is_compared_as_python_s_index_does(here, asked, verdict):
    answer = await ask(here(), notebook(Software("numpy", asked)))
    assert answer.verdict.value == verdict
    if verdict == "NO":
        assert answer.reasons[0].message == (
            f"numpy 1.26 is installed, the notebook asks {asked}"
        )


@pytest.mark.parametrize("asked", ["about two", "==x"])
async def test_a_version_that_is_none_leaves_it_open(here, asked):
    answer = await ask(here(), notebook(Software("numpy", asked)))
    assert answer.verdict is Verdict.YES
    assert [reason.code for reason in answer.reasons] == ["not-published"]


@pytest.mark.parametrize("name", ["Ruamel_YAML", "ruamel-yaml", "ruamel.yaml"])
async def test_names_are_compared_normalised(here, name):
    assert (await ask(here(), notebook(Software(name)))).reasons == ()


@pytest.mark.parametrize("status", ["optional", "inferred", "declared"])
async def test_what_is_not_needed_is_only_said(here, status):
    answer = await ask(here(), notebook(Software("torch", status=status)))
    assert (answer.verdict, answer.now) == (Verdict.YES, Verdict.YES)
    assert [reason.code for reason in answer.reasons] == ["software-missing"]


async def test_what_the_notebook_installs_itself_does_not_make_it_fail(here):
    def declared(text):
        evidence = Evidence("declared", "cell 1, line 1", text)
        return notebook(Software("torch", evidence=(evidence,)))

    answer = await ask(here(), declared("pip install torch"))
    assert answer.verdict is Verdict.YES
    assert answer.reasons[0].message.endswith("and the notebook does so itself")
    assert (await ask(here(), declared("# pip install torch"))).verdict is Verdict.NO


async def test_a_module_without_metadata_is_there_all_the_same(here):
    platform = here(holds(modules=["ROOT"]))
    root = Software("root", imports=("ROOT",))
    assert (await ask(platform, notebook(root))).reasons == ()
    answer = await ask(platform, notebook(Software("root", "==6.30", imports=("ROOT",))))
    assert answer.verdict is Verdict.YES
    assert "in a version that it does not tell" in answer.reasons[0].message
    missing = Software("root", imports=("ROOT", "cppyy"))
    assert (await ask(platform, notebook(missing))).verdict is Verdict.NO


async def test_packages_of_conda_go_by_conda_s_names(here):
    pytorch = notebook(Software("pytorch", manager="conda"))
    assert (await ask(here(holds(conda=[("pytorch", "2.4")])), pytorch)).reasons == ()
    lacking = await ask(here(holds(conda=[("numpy", "2.4")])), pytorch)
    assert lacking.verdict is Verdict.NO
    assert "conda install pytorch would add it" in lacking.reasons[0].message
    hidden = await ask(here(holds(("torch", "2.4"))), pytorch)
    assert hidden.verdict is Verdict.YES
    assert [reason.code for reason in hidden.reasons] == ["not-published"]


async def test_packages_that_no_python_lists_are_said_beside_the_yes(here):
    needs = [Software(f"lib{number}", manager="apt") for number in range(12)]
    answer = await ask(here(), notebook(*needs, Software("numpy", manager="apt")))
    assert answer.verdict is Verdict.YES
    (reason,) = answer.reasons
    assert reason.code == "not-published"
    assert "lib0 (apt), lib1 (apt)" in reason.message
    assert reason.message.endswith("lib9 (apt) and 2 more")


async def test_many_missing_packages_are_counted_beyond_ten(here):
    needs = [Software(f"missing{number}") for number in range(14)]
    answer = await ask(here(), notebook(*needs))
    assert len(answer.reasons) == 11
    assert answer.reasons[-1].message == "and 4 more"


@pytest.mark.parametrize(
    "broken", [None, "", "Traceback", "[]", '{"found": [["numpy"]]}'], ids=repr
)
async def test_an_interpreter_that_cannot_be_read_is_said_beside_the_yes(here, broken):
    answer = await ask(here(broken), notebook(Software("numpy")))
    assert answer.verdict is Verdict.YES
    assert told(answer) == [
        (
            "not-published",
            "/software",
            "What software is installed for the kernel analysis cannot be read from here",
        )
    ]


async def test_what_start_up_files_print_is_no_part_of_the_answer(here):
    platform = here("welcome\n" + json.dumps(NUMPY))
    assert (await ask(platform, notebook(Software("numpy")))).reasons == ()


async def test_the_software_of_another_language_is_said_to_be_unknown(here):
    needs = Software("ggplot2", manager="cran")
    answer = await ask(here(), notebook(needs, kernel="ir", languages=("r",)))
    assert answer.verdict is Verdict.YES
    assert [reason.code for reason in answer.reasons] == ["not-published"]


async def test_the_software_of_a_script_is_said_to_be_unknown(here):
    script = Task(Executable("uri://batch-script"), software=(Software("torch"),))
    answer = await ask(here(), script)
    assert answer.verdict is Verdict.YES
    assert [reason.code for reason in answer.reasons] == ["not-published"]


TWO = {"one": spec(argv=["/one/bin/python", "-m", "k"]), "two": spec(argv=["/two/bin/python"])}


async def test_without_a_name_the_kernel_that_has_all_is_taken(here):
    programs = {"/one/bin/python": holds(), "/two/bin/python": NUMPY}
    answer = await ask(
        here(specs=TWO, by_program=programs), notebook(Software("numpy"), kernel="")
    )
    assert (answer.verdict, answer.reasons) == (Verdict.YES, ())


async def test_a_kernel_that_has_what_the_named_one_lacks_is_proposed(here):
    programs = {"/one/bin/python": holds(), "/two/bin/python": NUMPY}
    platform = here(specs=TWO, by_program=programs)
    answer = await plan(platform, notebook(Software("numpy"), kernel="one"))
    assert answer.verdict is Verdict.NO
    assert [(c.message, c.checked) for c in answer.changes] == [("Kernel one → two", True)]
    both = await plan(platform, notebook(Software("torch"), kernel="one"))
    assert both.changes == ()


async def test_a_kernel_and_an_amount_that_do_not_do_are_changed_together(here):
    answer = await plan(here(), notebook(kernel="gone", nodes=Range(2)))
    assert len(answer.reasons) == 2
    (change,) = answer.changes
    assert change.message == "Nodes 2 → 1, Kernel gone → analysis"
    assert change.checked


async def test_an_interpreter_is_asked_once_until_something_is_installed(here, tmp_path):
    folder = tmp_path / "site-packages"
    folder.mkdir()
    now = [NOW]
    platform = here(holds(path=[str(folder)]), clock=lambda: now[0])
    wanted = notebook(Software("numpy"))
    for _ in range(3):
        await ask(platform, wanted)
    assert len(platform.commands.ran) == 1
    (folder / "numpy-1.26.dist-info").mkdir()
    platform.commands.told["/env/bin/python3"] = NUMPY
    assert (await ask(platform, wanted)).verdict is Verdict.YES
    assert len(platform.commands.ran) == 2
    now[0] += 301
    await ask(platform, wanted)
    assert len(platform.commands.ran) == 3


async def test_an_interpreter_that_hangs_is_not_asked_again_at_every_step(here):
    now = [NOW]
    platform = here(None, clock=lambda: now[0])
    for _ in range(3):
        await ask(platform, notebook(Software("numpy")))
    assert len(platform.commands.ran) == 1
    now[0] += 31
    platform.commands.told["/env/bin/python3"] = NUMPY
    assert (await ask(platform, notebook(Software("numpy")))).reasons == ()


async def test_an_interpreter_runs_with_the_options_and_variables_of_its_kernel(here):
    argv = ["/env/bin/python3", "-s", "-m", "ipykernel_launcher"]
    platform = here(specs={"analysis": spec(argv=argv, env={"PYTHONPATH": "${HOME}/lib"})})
    await ask(platform, notebook(Software("numpy")))
    assert platform.commands.ran == [("/env/bin/python3", "-s", "-c")]
    assert platform.commands.env == {"PYTHONPATH": "/home/me/lib"}


@pytest.mark.parametrize(
    ("argv", "found"),
    [
        (["python", "-m", "ipykernel_launcher"], sys.executable),
        ([sys.executable, "-m", "ipykernel_launcher"], sys.executable),
        (["conda", "run", "-n", "x", "python", "-m", "ipykernel"], None),
        (["python", "-m", "nb_conda_kernels.runner", "/c", "/c/bin/python", "-m", "k"], None),
        (["/opt/xpython", "-f", "{connection_file}"], None),
        (["/no/such/python3"], None),
        ([], None),
    ],
)
def test_the_interpreter_is_the_one_that_jupyter_would_start(argv, found):
    (kernel,) = read_kernels({"k": spec(argv=argv)})
    interpreter = kernel.interpreter({})
    assert (interpreter and interpreter.argv) == (found and (found,))
    assert interpreter is None or interpreter.ours


def test_a_broken_kernel_spec_harms_no_other():
    specs = {"a": {}, "b": {"spec": {"argv": "python"}}, "c": 7, "d": spec()}
    assert [kernel.name for kernel in read_kernels(specs)] == ["d"]


def test_the_kernel_that_jupyter_starts_by_itself_comes_first():
    specs = {"a": spec(), "python3": spec(), "b": spec()}
    assert [kernel.name for kernel in read_kernels(specs)] == ["python3", "a", "b"]


async def test_our_own_interpreter_is_read_without_a_command(here):
    platform = here(specs={"python3": spec(argv=["python", "-m", "ipykernel_launcher"])})
    needs = Software("msgspec"), Software("no-such-thing")
    answer = await ask(platform, notebook(*needs, kernel="python3"))
    assert [reason.field for reason in answer.reasons] == ["/software/1"]
    assert platform.commands.ran == []


def test_the_packages_of_conda_are_listed_with_their_versions(tmp_path, monkeypatch):
    (tmp_path / "conda-meta").mkdir()
    (tmp_path / "conda-meta" / "pytorch-cuda-12.1-ha16c6d3_6.json").write_text("{}")
    (tmp_path / "conda-meta" / "history").write_text("")
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    assert listing()["conda"] == [("pytorch-cuda", "12.1")]


async def test_too_much_memory_and_missing_software_are_both_told(here):
    wanted = notebook(Software("torch"), memory=Range(2**20 * GIB))
    answer = await ask(here(), wanted)
    assert {reason.field for reason in answer.reasons} >= {"/software/0"}


async def test_an_estimate_recalls_what_was_read_of_the_software_and_starts_nothing(here):
    platform = here()
    interpreters = platform.commands
    snapshot = await platform.snapshot(Ask())
    wanted = notebook(Software("numpy"), Software("torch"))
    unread = check(platform.estimate(wanted, snapshot, Ask()), platform)
    assert unread.verdict is Verdict.YES
    assert interpreters.ran == []

    answer = await platform.ask(wanted, snapshot, Ask())
    ran = list(interpreters.ran)
    estimate = check(platform.estimate(wanted, snapshot, Ask()), platform)

    assert interpreters.ran == ran
    assert estimate.verdict is Verdict.NO
    assert estimate.reasons == answer.reasons
