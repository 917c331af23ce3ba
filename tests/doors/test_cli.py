from __future__ import annotations

import json

import pytest
from config_files import write_config
from notebook_files import write_notebook

from jupyter_canidothis.cli import main
from jupyter_canidothis.platforms.base import Handover
from jupyter_canidothis.platforms.declared import Declared


@pytest.fixture
def configured(monkeypatch, tmp_path, platforms):
    monkeypatch.delenv("JUPYTER_NO_CONFIG")
    write_config(tmp_path / "jupyter-config", [p for p in platforms if p["name"] == "hub"])


@pytest.fixture
def notebook(tmp_path):
    return str(write_notebook(tmp_path, "import json"))


def test_exit_status_is_0_when_some_platform_says_yes(configured, notebook, capsys):
    assert main([notebook, "--memory", "4G"]) == 0
    assert "YES" in capsys.readouterr().out


def test_exit_status_is_1_when_none_does_and_the_change_is_shown(configured, notebook, capsys):
    assert main([notebook, "--memory", "16G"]) == 1
    out = capsys.readouterr().out
    assert "NO " in out
    assert "Memory 16 GiB → 12 GiB: then accepts (checked)" in out


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--memory", "lots"], "memory: 'lots'"),
        (["--cores", "8:4"], "cores: '8:4'"),
        (["--platform", "nosuch"], "platforms: 'nosuch'"),
        (["--timeout", "-1"], "--timeout: -1.0"),
        (["--timeout", "nan"], "--timeout: nan"),
    ],
)
def test_exit_status_is_2_and_the_field_is_named_when_the_question_is_wrong(
    configured, notebook, capsys, arguments, named
):
    assert main([notebook, *arguments]) == 2
    err = capsys.readouterr().err
    assert named in err
    assert "Traceback" not in err


def test_a_batch_script_is_planned_by_what_its_directives_ask_for(configured, tmp_path, capsys):
    script = tmp_path / "fit.sbatch"
    script.write_text("#!/bin/sh\n#SBATCH --mem=16G\n./fit\n")

    assert main(["describe", str(script), "--format", "json"]) == 0
    assert '"min":17179869184' in capsys.readouterr().out
    assert main([str(script)]) == 1
    assert "Can I run fit.sbatch?  16 GiB" in capsys.readouterr().out


@pytest.mark.parametrize("content", [None, b"\xff\xfe\xff"])
def test_a_script_that_cannot_be_read_is_said_plainly(configured, tmp_path, capsys, content):
    if content is not None:
        (tmp_path / "fit.sbatch").write_bytes(content)

    assert main([str(tmp_path / "fit.sbatch")]) == 2
    assert "cannot read fit.sbatch" in capsys.readouterr().err


def test_a_file_that_is_no_notebook_is_said_plainly(configured, tmp_path, capsys):
    wrong = tmp_path / "wrong.ipynb"
    wrong.write_text("<html>")

    assert main([str(wrong)]) == 2
    assert main([str(tmp_path / "nosuch.ipynb")]) == 2
    assert main(["."]) == 2
    err = capsys.readouterr().err
    assert "cannot read .: Is a directory" in err
    assert "Traceback" not in err


@pytest.fixture
def scripts(monkeypatch):
    made = Handover("#!/bin/bash\n", "demo.sbatch", "sbatch demo.sbatch")
    monkeypatch.setattr(Declared, "handover", lambda self, task, offer: made)


@pytest.mark.parametrize("order", [["{nb}", "--script"], ["--script", "{nb}"],
                                   ["{nb}", "--script", "hub"]])  # fmt: skip
def test_the_script_of_the_best_or_a_chosen_offer_is_printed(
    configured, scripts, notebook, capsys, order
):
    assert main([word.format(nb=notebook) for word in order]) == 0
    out, err = capsys.readouterr()
    assert out == "#!/bin/bash\n"
    assert err == "for hub: save it as demo.sbatch, then sbatch demo.sbatch\n"


def test_the_nearest_yes_is_searched_for_on_one_platform(configured, notebook, capsys):
    assert main([notebook, "--memory", "16G", "--nearest", "hub"]) == 1
    out = capsys.readouterr().out
    assert out.startswith("NO           hub  Memory 16 GiB is above the limit of 12 GiB")
    assert "Memory 16 GiB → 12 GiB: then accepts (checked)" in out
    assert "Memory up to 12 GiB: " in out
    assert "asked " in out

    assert main([notebook, "--memory", "4G", "--nearest", "hub", "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["verdict"] == "YES"
    assert 12 * 2**30 in [cliff["at"] for cliff in found["cliffs"]]


def test_the_nearest_yes_of_an_unknown_platform_is_a_wrong_question(
    configured, notebook, capsys
):
    assert main([notebook, "--nearest", "nosuch"]) == 2
    assert "nosuch" in capsys.readouterr().err


def test_a_script_of_an_unknown_platform_is_a_wrong_question(configured, notebook, capsys):
    assert main([notebook, "--script", "nosuch"]) == 2
    assert "nosuch" in capsys.readouterr().err


def test_without_a_notebook_the_question_is_wrong():
    with pytest.raises(SystemExit) as caught:
        main([])

    assert caught.value.code == 2


def test_an_unknown_option_is_exit_status_2(notebook):
    with pytest.raises(SystemExit) as caught:
        main([notebook, "--nosuch"])

    assert caught.value.code == 2


def test_json_is_the_one_json_form_of_a_plan(configured, notebook, capsys):
    main([notebook, "--cores", "4:8", "--format", "json"])

    plan = json.loads(capsys.readouterr().out)
    assert plan["task"]["resources"]["cores"] == {"min": 4000, "max": 8000}
    assert plan["answers"][0]["platform"] == "hub"


def test_yaml_says_the_same(configured, notebook, capsys):
    main([notebook, "--format", "yaml"])

    assert "platform: hub" in capsys.readouterr().out


def test_describe_prints_one_json_line_for_each_notebook(notebook, tmp_path, capsys):
    other = str(write_notebook(tmp_path, "import numpy", name="other.ipynb"))

    assert main(["describe", notebook, other, "--static"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["distributions"]["needed"] for line in lines] == [[], ["numpy"]]


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ("text", "numpy (needed, pip)"),
        ("requirements", "numpy\n"),
        ("environment", "- numpy"),
        ("script", '#   "numpy",'),
        ("image", "holds numpy"),
    ],
)
def test_describe_writes_what_other_tools_install_from(tmp_path, capsys, form, said):
    notebook = str(write_notebook(tmp_path, "import numpy"))

    assert main(["describe", notebook, "--static", "--format", form]) == 0
    assert said in capsys.readouterr().out


def test_describe_reports_a_broken_notebook_and_goes_on(notebook, tmp_path, capsys):
    assert main(["describe", str(tmp_path / "nosuch.ipynb"), notebook, "--static"]) == 2
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert "error" in lines[0]
    assert "task" in lines[1]


def test_a_configuration_that_is_no_list_is_an_error_that_names_it(
    configured, notebook, tmp_path, capsys
):
    write_config(tmp_path / "jupyter-config", "slurm")

    assert main([notebook]) == 2
    assert "c.CanIDoThis" in capsys.readouterr().err
