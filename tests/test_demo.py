"""The demo platforms, as far as they can be tested without starting one."""

import pytest

from jupyter_canidothis.demo import NODES, PARTITIONS, DemoError, DemoNode, SlurmCluster, slurm
from jupyter_canidothis.demo.__main__ import main
from jupyter_canidothis.demo.slurm_conf import gres_conf, slurm_conf


def test_without_slurm_one_line_says_how_to_add_it(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(slurm, "PATH", str(tmp_path))
    assert main(["up", "slurm", "--folder", str(tmp_path / "p" / "c")]) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "apt-get install slurm-wlm" in said


def test_a_folder_too_long_for_sockets_is_refused(monkeypatch, tmp_path):
    monkeypatch.setattr(SlurmCluster, "missing", staticmethod(list))
    with pytest.raises(DemoError, match="at most 60 characters"):
        SlurmCluster(tmp_path / ("x" * 80)).start()


def test_stopping_what_never_ran_is_harmless(tmp_path):
    SlurmCluster(tmp_path / "nothing").stop()


def test_the_configuration_keeps_to_loopback_and_to_its_folder(tmp_path):
    text = slurm_conf(tmp_path, [1, 2, 3], NODES, PARTITIONS, {"EnforcePartLimits": "NO"})
    assert "CommunicationParameters=NoCtldInAddrAny,NoInAddrAny" in text
    assert f"StateSaveLocation={tmp_path}/state" in text
    assert text.count("EnforcePartLimits") == 1
    assert "NodeName=n2 NodeHostname=localhost NodeAddr=127.0.0.1 Port=3" in text
    assert "PartitionName=closed Nodes=n1 State=DOWN" in text


def test_every_emulated_gpu_has_a_device_of_its_own():
    lines = gres_conf([DemoNode("g", 4, 1000, gpus=3, gpu_type="v100")]).splitlines()
    assert len(set(lines)) == 3
    assert all("Type=v100" in line for line in lines)
