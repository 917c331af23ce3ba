import json
from importlib import resources

import pytest

from jupyter_canidothis.notebook.names import canonical, owner_of, stdlib


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("sklearn.svm", "scikit-learn"),
        ("cv2", "opencv-python"),
        ("PIL.Image", "pillow"),
        ("yaml", "PyYAML"),
        ("mpl_toolkits.mplot3d", "matplotlib"),
        ("mpl_toolkits.basemap", "basemap"),
        ("pylab", "matplotlib"),
        ("google.cloud.storage", "google-cloud-storage"),
        ("google.cloud.bigquery.Client", "google-cloud-bigquery"),
        ("google.protobuf.message", "protobuf"),
        ("ruamel.yaml", "ruamel.yaml"),
        ("stsci.image", "stsci.image"),
        ("pandeia.engine.calc", "pandeia.engine"),
        ("pint", "Pint"),
        ("pint.models", "pint-pulsar"),
        ("prospect.viewer", "prospect"),
        ("prospect.models", "astro-prospector"),
        ("batman", "batman-package"),
        ("coord", "LSSTDESC.Coord"),
        ("lalsimulation", "lalsuite"),
        ("pkg_resources", "setuptools"),
        ("psycopg2", "psycopg2-binary"),
        ("numpy.linalg", "numpy"),
    ],
)
def test_an_import_leads_to_its_distribution(path, name):
    owner = owner_of(path)
    assert (owner.names[0], owner.known) == (name, True)


def test_an_unknown_import_is_assumed_to_be_named_like_its_distribution():
    assert owner_of("never_heard_of.it") == (("never_heard_of",), False)


def test_a_namespace_is_nobodys_own():
    assert owner_of("google") == ((), True)


def test_standard_libraries_of_other_versions_are_no_needs():
    assert {"os", "distutils", "tomllib", "urllib2", "__future__"} <= stdlib()


def test_the_table_is_in_order_and_says_nothing_twice():
    file = resources.files("jupyter_canidothis.notebook") / "data" / "names.json"
    table = json.loads(file.read_text())
    assert [*table["different"]] == sorted(table["different"])
    assert table["same"] == sorted(table["same"], key=lambda name: (name.lower(), name))
    same = [canonical(name) for name in table["same"]]
    assert len(same) == len(set(same))
    assert not {canonical(name) for name in table["different"]} & set(same)
