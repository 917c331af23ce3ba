import pytest

PANDAS = "import pandas as pd\n"


@pytest.mark.parametrize(
    ("source", "name"),
    [
        (PANDAS + "pd.read_parquet('x')", "pyarrow"),
        ("from pandas import read_parquet\nread_parquet('x')", "pyarrow"),
        (PANDAS + "df.to_excel('x')", "openpyxl"),
        (PANDAS + "pd.read_hdf('x')", "tables"),
        (PANDAS + "pd.read_csv('s3://bucket/x')", "s3fs"),
        (PANDAS + "url = 'gs://bucket/x'\npd.read_csv(url)", "gcsfs"),
        (PANDAS + "df.to_markdown()", "tabulate"),
        (PANDAS + "pd.read_csv('x', engine='pyarrow')", "pyarrow"),
        ("import xarray as xr\nxr.open_dataset('x', engine='zarr')", "zarr"),
        ("import xarray as xr\nxr.open_dataset('x', chunks={})", "dask"),
        ("from astropy.table import Table\nTable.read('a').to_pandas()", "pandas"),
        ("from astropy.table import Table\nTable.read('a.h5')", "h5py"),
        ("from astropy.io import fits\nfits.open('x', use_fsspec=True)", "fsspec"),
        ("import dask.dataframe as dd", "pyarrow"),
        ("from dask.distributed import Client", "distributed"),
        ("from tqdm.notebook import tqdm", "ipywidgets"),
        ("%matplotlib widget", "ipympl"),
        ("%matplotlib inline", "matplotlib"),
        ("%load_ext line_profiler", "line-profiler"),
        ("%load_ext autotime", "ipython-autotime"),
        ("%pylab inline", "numpy"),
        ("%%R\nx", "rpy2"),
        ("%memit x", "memory-profiler"),
        ("import matplotlib.animation\nanim.save('x.mp4')", "ffmpeg"),
    ],
)
def test_a_pattern_shows_what_no_import_does(names, source, name):
    assert name in names(source, status="inferred")


@pytest.mark.parametrize(
    "source",
    [
        "df.to_excel('x')",
        "import polars as pl\npl.read_parquet('x')",
        "x.plot()",
        "%load_ext autoreload",
        "%matplotlib --list",
    ],
)
def test_a_pattern_counts_only_with_its_library(names, source):
    assert names(source, status="inferred") == set()


def test_an_alternative_that_is_needed_anyway_will_do(names):
    source = PANDAS + "import fastparquet\npd.read_parquet('x')"
    assert names(source, status="inferred") == set()
    assert names(source) == {"pandas", "fastparquet"}


def test_an_inferred_need_says_why(book):
    from jupyter_canidothis.notebook.describe import describe

    found = {one.name: one for one in describe(book(PANDAS + "pd.read_feather('x')")).software}
    (evidence,) = found["pyarrow"].evidence
    assert (evidence.how, evidence.source, evidence.text) == (
        "inferred",
        "cell 1, line 2",
        "pandas.read_feather()",
    )
