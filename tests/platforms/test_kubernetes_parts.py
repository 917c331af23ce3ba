"""The parts of the Kubernetes adapter: amounts, selection, placement, what is handed over."""

import itertools
import shlex
import subprocess
import sys

import msgspec
import nbformat
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_canidothis.answer import Offer
from jupyter_canidothis.errors import RequestError
from jupyter_canidothis.platforms.kubernetes.cluster import Machine, Quota
from jupyter_canidothis.platforms.kubernetes.counting import excesses
from jupyter_canidothis.platforms.kubernetes.handover import apply
from jupyter_canidothis.platforms.kubernetes.job import NOTEBOOK_CAP, RUN_NOTEBOOK, Settings
from jupyter_canidothis.platforms.kubernetes.needs import requests
from jupyter_canidothis.platforms.kubernetes.objects import PodSpec, Taint
from jupyter_canidothis.platforms.kubernetes.placing import Batch, place
from jupyter_canidothis.platforms.kubernetes.quantity import parse, spell
from jupyter_canidothis.platforms.kubernetes.selecting import keeps_off
from jupyter_canidothis.resources import Range, Resources
from jupyter_canidothis.task import Executable, Task
from jupyter_canidothis.units import GIB


@pytest.mark.parametrize(
    ("resource", "text", "amount"),
    [
        ("cpu", "500m", 500),
        ("cpu", "2", 2000),
        ("requests.cpu", 0.1, 100),
        ("cpu", "100u", 1),
        ("memory", "1Gi", GIB),
        ("memory", "1G", 10**9),
        ("memory", "1.5Gi", 3 * GIB // 2),
        ("memory", "129e6", 129 * 10**6),
        ("memory", "128974848000m", 128974848),
        ("nvidia.com/gpu", 2, 2),
        ("pods", "1k", 1000),
    ],
)
def test_quantities_are_read_as_kubernetes_writes_them(resource, text, amount):
    assert parse(resource, text) == amount


@pytest.mark.parametrize(
    "text", ["", "two", "1.2.3", "1 Gi", "Gi", "1e999", "9" * 41, ".", "1Eii"]
)
def test_what_is_no_quantity_is_named(text):
    with pytest.raises(RequestError, match="memory"):
        parse("memory", text)


@given(st.sampled_from(["cpu", "memory", "nvidia.com/gpu"]), st.integers(0, 2**52))
def test_an_amount_survives_being_written(resource, amount):
    assert parse(resource, spell(resource, amount)) == amount


def spec(**fields):
    return msgspec.convert(fields, PodSpec)


def sized(cpu=0, memory=0, **fields):
    asks = {"cpu": f"{cpu}m", "memory": str(memory)}
    return spec(containers=[{"resources": {"requests": asks}}], **fields)


def test_a_pod_takes_the_larger_of_its_start_and_its_run():
    def container(cpu, **more):
        return {"resources": {"requests": {"cpu": cpu}}, **more}

    # A sidecar runs beside all that comes after it (KEP 753).
    pod = spec(
        initContainers=[container("1"), container("2", restartPolicy="Always"), container("5")],
        containers=[container("3"), container("1")],
        overhead={"cpu": "250m"},
    )
    assert requests(pod) == {"cpu": 7250, "pods": 1}


def test_a_limit_alone_is_a_request_too():
    pod = spec(containers=[{"resources": {"limits": {"cpu": "3"}}}])
    assert requests(pod)["cpu"] == 3000


def machine(name="n", cpu=4000, memory=8, pods=10, **more):
    sizes = {"cpu": cpu, "memory": memory, "pods": pods}
    return Machine(name, more.pop("labels", {}), more.pop("taints", ()), sizes, **more)


TAINT = Taint("team", "radio", "NoSchedule")


@pytest.mark.parametrize(
    ("toleration", "borne"),
    [
        ({"key": "team", "operator": "Exists"}, True),
        ({"key": "team", "operator": "Equal", "value": "radio"}, True),
        ({"key": "team", "value": "radio", "effect": "NoSchedule"}, True),
        ({"operator": "Exists"}, True),
        ({"key": "team", "value": "optical"}, False),
        ({"key": "team", "operator": "Exists", "effect": "NoExecute"}, False),
        ({"key": "other", "operator": "Exists"}, False),
    ],
)
def test_a_taint_is_borne_as_kubernetes_says(toleration, borne):
    words = keeps_off(machine(taints=(TAINT,)), spec(tolerations=[toleration]))
    assert words == ("" if borne else "tainted (team)")


def test_a_taint_that_only_discourages_keeps_nobody_off():
    assert keeps_off(machine(taints=(Taint("t", "", "PreferNoSchedule"),)), spec()) == ""


@pytest.mark.parametrize(
    ("expression", "selected"),
    [
        ({"key": "zone", "operator": "In", "values": ["a", "b"]}, True),
        ({"key": "zone", "operator": "NotIn", "values": ["a"]}, False),
        ({"key": "nosuch", "operator": "NotIn", "values": ["a"]}, True),
        ({"key": "zone", "operator": "Exists"}, True),
        ({"key": "zone", "operator": "DoesNotExist"}, False),
        ({"key": "size", "operator": "Gt", "values": ["9"]}, True),
        ({"key": "size", "operator": "Lt", "values": ["9"]}, False),
        ({"key": "zone", "operator": "Gt", "values": ["9"]}, False),
    ],
)
def test_labels_are_matched_as_kubernetes_says(expression, selected):
    rule = {"nodeSelectorTerms": [{}, {"matchExpressions": [expression]}]}
    affinity = {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": rule}}
    found = keeps_off(machine(labels={"zone": "a", "size": "10"}), spec(affinity=affinity))
    assert (found == "") is selected


@pytest.mark.parametrize(
    ("scope", "pod", "counted"),
    [
        (("BestEffort", "Exists", frozenset()), sized(), True),
        (("NotBestEffort", "Exists", frozenset()), sized(1), True),
        (("Terminating", "Exists", frozenset()), sized(1, activeDeadlineSeconds=5), True),
        (("NotTerminating", "Exists", frozenset()), sized(1, activeDeadlineSeconds=5), False),
        (
            ("PriorityClass", "In", frozenset({"high"})),
            sized(1, priorityClassName="high"),
            True,
        ),
        (("PriorityClass", "NotIn", frozenset({"high"})), sized(1), True),
        (("PriorityClass", "Exists", frozenset()), sized(1), False),
    ],
)
def test_a_quota_counts_the_pods_of_its_scopes(scope, pod, counted):
    quota = Quota("q", {"pods": 0}, {}, (scope,))
    assert bool(list(excesses([quota], [Batch("", pod)], {}))) is counted


def greedy_fits(pods, nodes, pick):
    """Place pods one after another, each on any node that has room, as a scheduler may."""
    left, waiting = [list(node) for node in nodes], list(pods)
    while waiting:
        cpu, memory = waiting.pop(pick(len(waiting)))
        open_ = [node for node in left if node[0] >= cpu and node[1] >= memory and node[2]]
        if not open_:
            return False
        chosen = open_[pick(len(open_))]
        for dimension, amount in enumerate((cpu, memory, 1)):
            chosen[dimension] -= amount
    return True


def any_order_fits(pods, machines):
    """Whether some assignment of pods to nodes holds, by trying them all."""
    for chosen in itertools.product(range(len(machines)), repeat=len(pods)):
        used = [[0, 0, 0] for _ in machines]
        for (cpu, memory), place_ in zip(pods, chosen, strict=True):
            for dimension, amount in enumerate((cpu, memory, 1)):
                used[place_][dimension] += amount
        if all(
            amount <= machine.allocatable[name]
            for amounts, machine in zip(used, machines, strict=True)
            for amount, name in zip(amounts, ("cpu", "memory", "pods"), strict=True)
        ):
            return True
    return False


sizes = st.tuples(st.integers(1, 6), st.integers(1, 6))


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.tuples(sizes, st.integers(1, 3)), min_size=1, max_size=3).filter(
        lambda groups: sum(count for _, count in groups) <= 5
    ),
    st.lists(
        st.tuples(st.integers(1, 10), st.integers(1, 10), st.integers(1, 4)),
        min_size=1,
        max_size=3,
    ),
    st.randoms(use_true_random=False),
)
def test_a_placement_is_never_wrong_either_way(groups, nodes, dice):
    machines = [machine(f"n{i}", cpu, mem, pods) for i, (cpu, mem, pods) in enumerate(nodes)]
    batches = [Batch(f"b{i}", sized(*size), count) for i, (size, count) in enumerate(groups)]
    pods = [size for size, count in groups for _ in range(count)]
    found = place(batches, machines, lambda each: each.ever).fits
    possible = any_order_fits(pods, machines)
    assert found is None or found is possible
    if found:
        assert all(greedy_fits(pods, nodes, dice.randrange) for _ in range(30))
    if len(groups) == 1:
        assert found is not None


def offer(**info):
    kept = {"namespace": "astro", "context": "here", **info}
    return Offer("uri://kubernetes", "astro", kept)


def notebook_task(**executable):
    return Task(
        Executable("uri://jupyter-notebook", **executable),
        Resources(Range(2000, 4000), Range(GIB), Range(None, 3600)),
        name="Stars & dust.ipynb",
    )


def test_a_notebook_by_value_travels_in_a_config_map():
    made = apply(notebook_task(content="{}"), offer(), Settings(image="lab:1"))
    kept, job = yaml.safe_load_all(made.content)
    assert kept["data"] == {"notebook.ipynb": "{}"}
    assert made.name.startswith("stars-dust-")
    assert job["spec"]["activeDeadlineSeconds"] == 3600
    pod = job["spec"]["template"]["spec"]
    assert pod["volumes"][0]["configMap"]["name"] == kept["metadata"]["name"]
    assert pod["containers"][0]["resources"] == {
        "requests": {"cpu": "2", "memory": "1Gi"},
        "limits": {"cpu": "4", "memory": "1Gi"},
    }
    assert shlex.split(made.command) == [
        "kubectl", "--context=here", "--namespace=astro", "apply", "-f", made.name,
    ]  # fmt: skip


def test_a_notebook_by_path_is_put_there_by_the_command():
    made = apply(notebook_task(location="my notebook.ipynb"), offer(), Settings(image="lab:1"))
    first, second = made.command.split(" && ")
    assert shlex.split(first)[-1] == "--from-file=notebook.ipynb=my notebook.ipynb"
    assert second.endswith(made.name)


@pytest.mark.parametrize(
    ("executable", "field"),
    [
        ({"content": "{}"}, "executable.image"),
        ({"image": "lab:1"}, "executable.location"),
        ({"image": "lab:1", "content": "x" * (NOTEBOOK_CAP + 1)}, "executable.location"),
    ],
)
def test_what_cannot_be_handed_over_names_the_field(executable, field):
    with pytest.raises(RequestError, match=field):
        apply(notebook_task(**executable), offer(), Settings())


@pytest.mark.parametrize("papermill", [True, False])
def test_the_command_in_the_pod_really_runs_a_notebook(tmp_path, papermill):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("6 * 7")])
    nbformat.write(notebook, tmp_path / "notebook.ipynb")
    refuse = "" if papermill else 'case "$*" in *"import papermill"*) exit 1;; esac\n'
    python = tmp_path / "python3"
    python.write_text(f'#!/bin/sh\n{refuse}exec {sys.executable} "$@"\n')
    python.chmod(0o755)
    done = subprocess.run(
        ["sh", "-c", RUN_NOTEBOOK, "sh", str(tmp_path / "notebook.ipynb"), "python3"],
        env={
            "PATH": f"{tmp_path}:/usr/bin:/bin",
            "HOME": str(tmp_path),
            "TMPDIR": str(tmp_path),
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    executed = nbformat.reads(done.stdout, as_version=4)
    assert executed.cells[0].outputs[0].data["text/plain"] == "42"
