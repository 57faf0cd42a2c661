"""The shape of the code (docs/architecture.md), kept by reading the source: loosen nothing here, move the code."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "motlink"
# Lower slices first; an action calls actions of lower slices only.
SLICES = ["orgs", "audit", "mail", "accounts", "roles", "tags", "staff", "sign_in", "home"]
BASE = {
    "settings",
    "work",
    "actors",
    "facts",
    "errors",
    "permissions",
    "database",
    "columns",
    "digits",
    "folding",
    "moments",
    "sheets",
    "traces",
}
EDGE_FILES = re.compile(
    r"^(web/.*|sign_in/(entering|links|requests)|demo/.*|cli.*|worker|sweeps|batch_runner|batch_threads|import_preview|wiring|asgi|motlink|migrations|jobs|.*/(.*_)?(state|page|routes|pages|parts|filters|dialog|profile_roles|shown)|models|benchmarks/.*)\.py$"
)
SOURCES = sorted(path for path in PACKAGE.rglob("*.py") if path.name != "__init__.py")


def name_of(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def imports_of(path: Path) -> Iterator[str]:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def below_the_edge() -> list[Path]:
    return [path for path in SOURCES if not EDGE_FILES.match(name_of(path))]


@pytest.mark.parametrize("path", below_the_edge(), ids=name_of)
def test_nothing_below_the_edges_knows_an_edge(path: Path) -> None:
    known = [
        name for name in imports_of(path) if re.match(r"(reflex|starlette|fastapi|typer|granian)\b", name)
    ]
    edges = [
        name for name in imports_of(path) if re.match(r"motlink\.(web|cli|worker|asgi|demo|motlink)\b", name)
    ]

    assert known + edges == []


@pytest.mark.parametrize("path", below_the_edge(), ids=name_of)
def test_imports_of_actions_point_down_only(path: Path) -> None:
    slice_name = name_of(path).split("/")[0]
    if slice_name not in SLICES:
        return
    writing = re.compile(r"motlink\.(\w+)\.(actions|grants|invitations|undo|import_actions|batches)\b")
    above = [
        name
        for name in imports_of(path)
        if (found := writing.match(name)) and SLICES.index(found[1]) > SLICES.index(slice_name)
    ]

    assert above == []


def test_the_base_knows_no_slice_but_the_organization() -> None:
    known = {
        f"{path.stem}: {name}"
        for path in SOURCES
        if path.parent == PACKAGE and path.stem in BASE
        for name in imports_of(path)
        if (found := re.match(r"motlink\.(\w+)\.", name)) and found[1] in SLICES
    }

    # Work locks the organization's row, so it has to know that one table (docs/decisions/0002).
    assert known == {"work: motlink.orgs.models.Organization"}


@pytest.mark.parametrize("path", below_the_edge(), ids=name_of)
def test_no_stray_commit_clock_or_chance_below_the_edges(path: Path) -> None:
    text = path.read_text()
    if path.name in {"work.py", "clock.py", "database.py", "settings.py"}:
        return

    assert not re.search(r"\.commit\(|\.rollback\(", text)
    assert not re.search(r"datetime\.now\(|date\.today\(|time\.time\(|utcnow", text)
    # The audit chain's salt is no secret that a test would want to choose.
    assert (path.name == "actions.py" and "audit" in path.parts) or not re.search(
        r"^import (random|secrets)", text, re.M
    )


@pytest.mark.parametrize(
    "path", [p for p in SOURCES if p.name in {"actions.py", "import_actions.py"}], ids=name_of
)
def test_each_action_takes_its_work_first_and_the_rest_by_name(path: Path) -> None:
    public = [n for n in tree_of(path).body if isinstance(n, ast.FunctionDef) and not n.name.startswith("_")]

    assert public, "an empty actions.py is not made"
    assert [f.name for f in public if not f.args.args or f.args.args[0].arg != "work"] == []


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_files_can_be_held_in_the_head(path: Path) -> None:
    lines = path.read_text().splitlines()
    limit = 60 if re.search(r"(page|pages|parts|components.*|shell.*)\.py$", path.name) else 40
    long = [
        f"{node.name}: {(node.end_lineno or 0) - node.lineno + 1}"
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno + 1 - len((ast.get_docstring(node) or "").splitlines())
        > limit
    ]

    assert len(lines) <= 300
    assert long == []


def test_the_demo_is_imported_by_the_command_line_alone() -> None:
    importers = {
        name_of(path)
        for path in SOURCES
        if not name_of(path).startswith(("demo/", "cli"))
        for name in imports_of(path)
        if name.startswith("motlink.demo")
    }

    assert importers == set()


def test_each_refusal_is_made_where_it_is_raised() -> None:
    # One that is made once keeps the frames of whoever raised it last, and all that they held, for good.
    kept = [
        f"{name_of(path)}: {node.exc.id}"
        for path in SOURCES
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Name) and node.exc.id.isupper()
    ]

    assert kept == []


def test_no_file_names_a_package_index() -> None:
    texts = [path for path in (*ROOT.glob("*"), *(ROOT / "reflex.lock").glob("*")) if path.is_file()]
    index = re.compile(r"(--index-url|--extra-index-url|--find-links|registry\.npmjs\.org|pypi\.org/simple)")

    assert [path.name for path in texts if index.search(path.read_text(errors="ignore"))] == []
