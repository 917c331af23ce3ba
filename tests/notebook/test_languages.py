import pytest

from jupyter_canidothis.notebook.describe import describe
from jupyter_canidothis.notebook.julia import read_julia
from jupyter_canidothis.notebook.r import read_r


def found(packages):
    return {(one.name, one.status) for one in packages}


@pytest.mark.parametrize(
    ("source", "name", "status"),
    [
        ("library(dplyr)", "dplyr", "needed"),
        ("suppressMessages(library('data.table'))", "data.table", "needed"),
        ("if (!require(ggplot2)) stop()", "ggplot2", "needed"),
        ("library(sf, quietly = TRUE)", "sf", "needed"),
        ("x <- readr::read_csv('a.csv')", "readr", "needed"),
        ("pacman::p_load(tidyr)", "tidyr", "needed"),
        ("box::use(purrr[map], ./local)", "purrr", "needed"),
        ("import::from(stringr, str_c)", "stringr", "needed"),
        ("requireNamespace('arrow', quietly=TRUE)", "arrow", "optional"),
        ("install.packages(c('xts', \"zoo\"))", "zoo", "declared"),
        ("remotes::install_github('o/mine@v1')", "mine", "declared"),
        ("library(dplyr); library(DBI)", "dbplyr", "inferred"),
    ],
)
def test_r_packages_are_found(source, name, status):
    assert (name, status) in found(read_r(source))


@pytest.mark.parametrize(
    "source",
    [
        "# library(dplyr)",
        "library(stats)",
        "library(name, character.only = TRUE)",
        "x <- 'see a::b'",
        "stats::sd(x)",
    ],
)
def test_what_is_no_r_package_is_not_found(source):
    assert found(read_r(source)) == set()


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("using CSV, DataFrames", {"CSV", "DataFrames"}),
        ("using Plots: plot, scatter", {"Plots"}),
        ("import FITSIO.Libcfitsio", {"FITSIO"}),
        ("import JSON3 as J", {"JSON3"}),
        ("@everywhere using Optim", {"Optim"}),
        ("using A,\n  B\nx = 1", {"A", "B"}),
        ("using LinearAlgebra, .Local, Base.Threads", set()),
        ("# using A\n#= using B =#", set()),
        ('using Pkg; Pkg.add("C")', {"C"}),
        ('Pkg.add(["C", "D.jl"])', {"C", "D"}),
        ('pkg"add E F"', {"E", "F"}),
        ("] add G@1.2", {"G"}),
    ],
)
def test_julia_packages_are_found(source, names):
    assert {one.name for one in read_julia(source)} == names


def test_an_r_notebook_has_cran_packages_and_its_files(book, tmp_path):
    (tmp_path / "more.R").write_text("library(zoo)\n")
    (tmp_path / "a.csv").write_text("x")
    kernelspec = {"name": "ir", "language": "R"}
    source = "library(dplyr)\nsource('more.R')\nread.csv('a.csv')"
    task = describe(book(source, kernelspec=kernelspec), folder=tmp_path)
    assert task.executable.languages == ("r",)
    assert {(s.name, s.manager) for s in task.software} == {("dplyr", "cran"), ("zoo", "cran")}
    assert {d.location: d.size for d in task.data} == {"more.R": 13, "a.csv": 1}


def test_a_julia_notebook_is_told_by_its_kernel_name(book):
    task = describe(book("using CSV", kernelspec={"name": "julia-1.11"}))
    assert [(s.name, s.manager) for s in task.software] == [("CSV", "julia")]


def test_an_r_cell_in_a_python_notebook_counts(names):
    assert names("%%R\nlibrary(dplyr)") == {"dplyr"}


def test_another_language_is_said_to_be_unread(book):
    task = describe(book("x", kernelspec={"name": "xcpp", "language": "C++"}))
    assert task.notes == ("the software of c++ notebooks cannot be read from their text",)
