import pytest

from jupyter_canidothis.notebook.describe import describe
from jupyter_canidothis.notebook.places import matches


def places(book, *sources, folder=None):
    return {one.location: one for one in describe(book(*sources), folder=folder).data}


@pytest.mark.parametrize(
    ("source", "location"),
    [
        ("open('a.txt')", "a.txt"),
        ("import pandas as pd\npath = 'a'\npd.read_csv(path + '/b.csv')", "a/b.csv"),
        ("from pathlib import Path\nd = Path('~/data')\nf(d / 'x.fits')", "~/data/x.fits"),
        ("from astropy.io import fits\nfits.open(name='a.fits.gz')", "a.fits.gz"),
        ("import glob\nglob.glob('runs/*.h5')", "runs/*.h5"),
        ("import os\nos.listdir('runs')", "runs"),
        ("import os\nos.environ['CRDS_PATH']", "$CRDS_PATH"),
        ("import os\nos.getenv('MY_DATA', 'x')", "$MY_DATA"),
    ],
)
def test_local_data_is_found(book, source, location):
    found = places(book, source)
    assert not found[location].network


@pytest.mark.parametrize(
    ("source", "location"),
    [
        ("url = 'https://x.org/a.fits'", "https://x.org/a.fits"),
        ("f('https://me:pw@x.org/a.fits?token=secret')", "https://x.org/a.fits"),
        ("f('s3://bucket/a.parquet')", "s3://bucket/a.parquet"),
        ("f('ivo://cds.vizier/ii/246')", "ivo://cds.vizier/ii/246"),
        ("c.copy('vos:me/a.fits', 'b')", "vos:me/a.fits"),
        ("import pyvo\npyvo.dal.TAPService('https://x.org/tap')", "https://x.org/tap"),
        ("from astroquery.mast import Observations", "https://mast.stsci.edu"),
        ("import lightkurve as lk\nlk.search_lightcurve('x')", "https://mast.stsci.edu"),
        (
            "from astropy.coordinates import SkyCoord\nSkyCoord.from_name('M31')",
            "https://cds.unistra.fr/cgi-bin/Sesame",
        ),
        ("!wget -q https://x.org/a.zip", "https://x.org/a.zip"),
    ],
)
def test_remote_data_needs_the_network(book, source, location):
    assert places(book, source)[location].network


@pytest.mark.parametrize(
    "source",
    [
        "open('out.txt', 'w')",
        "df.to_csv('out.csv')\nimport pandas as pd\npd.read_csv('out.csv')",
        "plt.savefig('out.png')",
        "print('see a.txt')",
        "s.replace('.fits', '.png')",
        "'''text with https://x.org in it'''",
        "import os\nos.environ['HOME']",
        "import os\nos.environ['CRDS_PATH'] = 'x'",
    ],
)
def test_what_is_written_or_only_mentioned_is_no_data_need(book, source):
    assert places(book, source) == {}


def test_the_size_of_a_local_file_or_folder_is_told(book, tmp_path):
    (tmp_path / "a.csv").write_text("x" * 100)
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "b.csv").write_text("x" * 50)
    source = "open('a.csv')\nimport os\nos.listdir('runs')\nopen('none.csv')"
    found = places(book, source, folder=tmp_path)
    assert [found[name].size for name in ("a.csv", "runs", "none.csv")] == [100, 50, None]


def test_a_sample_of_many_files_is_said(book, tmp_path):
    for number in range(20):
        (tmp_path / f"{number}.fits").touch()
    task = describe(
        book(
            "from glob import glob\nfiles = sorted(glob('*.fits'))", "for f in files[:3]: pass"
        ),
        folder=tmp_path,
    )
    assert task.notes == (
        "cell 2, line 1 takes 3 of 20 files that match *.fits: all of them need more",
    )


def test_a_cell_that_reads_is_named(book):
    (evidence,) = places(book, "x", "\nopen('a.csv')")["a.csv"].evidence
    assert (evidence.source, evidence.text) == ("cell 2, line 2", "open()")


@pytest.mark.parametrize(
    "pattern", ["/**/*.fits", "/*/*/*/*.fits", "**/x", "[", "\0*", "a" * 9000]
)
def test_a_pattern_never_walks_the_whole_disk(tmp_path, pattern):
    assert matches(pattern, tmp_path) == []
