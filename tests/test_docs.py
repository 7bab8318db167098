"""The documentation says what the code says: commands, keys, codes, routes, metrics, links; and holds nothing private."""

import inspect
import re
import shlex
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from prometheus_client import CollectorRegistry

from docaxis.api.blobs import Blobs, blob_app
from docaxis.api.health import health_app
from docaxis.cli.nouns import Nouns, load
from docaxis.config import Config
from docaxis.domain.sentences import sentence
from docaxis.domain.verdict import Reason
from docaxis.hub.metrics import Metrics
from docaxis.web.metrics import WebMetrics

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
OURS_NOT = {".git", ".venv", "var", "__pycache__", "build", "dist"}
TEXTS = {"", ".py", ".md", ".toml", ".txt", ".in", ".lock", ".sh", ".rng", ".csv", ".svg", ".mako", ".json", ".yml"}
PAGES = [
    ROOT / "README.md",
    ROOT / "README.vi.md",
    ROOT / "CHANGELOG.md",
    *sorted(DOCS.rglob("*.md")),
    *sorted(ROOT.glob("*/README.md")),
    *sorted(ROOT.glob("schemas/*/README.md")),
    *sorted(ROOT.glob("deploy/*/README.md")),
]
FENCE = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.DOTALL | re.MULTILINE)


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def name_of(file: Path) -> str:
    return str(file.relative_to(ROOT))


def without_code(text: str) -> str:
    return FENCE.sub("", text)


def files() -> Iterator[Path]:
    """Yield the text files of the checkout; walked, since a bare machine has no git."""
    for folder in (ROOT, *(one for one in ROOT.iterdir() if one.is_dir() and ours(one))):
        found = folder.iterdir() if folder == ROOT else folder.rglob("*")
        for file in found:
            inside = file.relative_to(ROOT).parts
            if file.is_file() and file.suffix in TEXTS and not OURS_NOT & set(inside) and file.name != ".venv.lock":
                yield file


def ours(folder: Path) -> bool:
    hidden = folder.name.startswith(".") and folder.name != ".ci"
    return not hidden and folder.name not in OURS_NOT and not folder.name.endswith(".egg-info")


# The command line


def commands() -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield every command with its full name; that docs/cli.md holds them is judged in tests/cli."""
    for noun in Nouns.table:
        yield from below((noun.name,), load(noun))


def below(names: tuple[str, ...], command: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    verbs = getattr(command, "commands", None)
    if verbs is None:
        yield names, command
        return
    for name, verb in verbs.items():
        yield from below((*names, name), verb)


VERBS = dict(commands())


def shown_commands(file: Path) -> Iterator[list[str]]:
    """Yield the words of every `./hub …` or `docaxis …` line of a page's shell blocks, continued lines joined."""
    for language, block in FENCE.findall(file.read_text(encoding="utf-8")):
        if language not in {"sh", "console", "bash"}:
            continue
        for line in block.replace("\\\n", " ").splitlines():
            words = re.sub(r"^\s*(\$ )?", "", line)
            if words.startswith(("./hub ", "docaxis ")):
                yield shlex.split(words.partition(" | ")[0], comments=True)[1:]


@pytest.mark.parametrize("file", PAGES, ids=name_of)
def test_shown_commands_and_their_options_exist(file):
    for words in shown_commands(file):
        if words[0] in {"test", "bench", "chaos"} or words[0].startswith("-") or words[0].isupper():
            continue
        path = next((tuple(words[:length]) for length in (3, 2, 1) if tuple(words[:length]) in VERBS), None)
        assert path, f"{name_of(file)}: no command {' '.join(words[:2])}"
        known = {option for one in VERBS[path].params for option in (*one.opts, *one.secondary_opts)} | {"--help", "-h"}
        used = {word.partition("=")[0] for word in words if re.match(r"--[a-z]", word)}
        assert used <= known, f"{name_of(file)}: {' '.join(path)} {sorted(used - known)}"


def test_readme_names_the_commands_that_the_bootstrap_has():
    says = set(re.findall(r"^#   \./hub (\w+)", read("hub"), re.MULTILINE))
    shown = set(re.findall(r"^\| `\./hub (\w+)` \|", read("README.md"), re.MULTILINE))
    assert shown == says
    cases = set(re.findall(r"^(\w+)\)$", read("hub"), re.MULTILINE))
    assert cases | {"demo", "ANYTHING"} == says


# Configuration


def test_configuration_keys_named_in_the_pages_exist():
    keys = {
        f"{section}.{key}" for section, field in Config.model_fields.items() for key in type(field.default).model_fields
    }
    sections = "|".join(Config.model_fields)
    for file in PAGES:
        named = set(re.findall(rf"`((?:{sections})\.[a-z_]+)`", file.read_text(encoding="utf-8")))
        # `hub.ports` is a module, `broker.password` a file of an endpoint's folder.
        wrong = {one for one in named - keys if one not in {"hub.ports", "broker.password"}}
        assert not wrong, f"{name_of(file)}: {sorted(wrong)}"


def test_limits_are_all_explained():
    page = read("docs/operations.md")
    for key in type(Config.model_fields["limits"].default).model_fields:
        assert f"`limits.{key}`" in page, key


# Refusals


def test_every_refusal_has_its_row_with_both_sentences():
    rows = re.findall(
        r"^\| `([A-Z]{3}\.[A-Z_]+)` \| (.*?) \| (.*?) \| (.*?) \| (.*?) \|$", read("docs/refusals.md"), re.MULTILINE
    )
    found = {code: (vi, en) for code, vi, en, _, _ in rows}
    wanted = {code.value: (sentence(code, "vi"), sentence(code, "en")) for code in Reason}
    wrong = [code for code in wanted.keys() | found.keys() if wanted.get(code) != found.get(code)]
    expected = "\n".join(f"| `{code}` | {' | '.join(wanted[code])} | who | where |" for code in wrong if code in wanted)
    assert not wrong, f"docs/refusals.md: {sorted(wrong)}; expected rows:\n{expected}"
    assert all(who and where for _, _, _, who, where in rows)
    assert len(rows) == len(Reason)


# HTTP, metrics, failpoints


class _Nothing:
    """Stands for stores that no request is made to."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(name)


def routes() -> Iterator[tuple[str, str]]:
    stub: Any = _Nothing()
    assert inspect.isclass(Blobs)
    for one in (blob_app(stub, stub, 1), health_app({}, CollectorRegistry())):
        for route in one.router.routes():
            assert isinstance(route, web.AbstractRoute)
            assert route.resource is not None
            yield route.method, route.resource.canonical


@pytest.mark.parametrize(("method", "path"), sorted(routes()))
def test_every_http_route_is_in_a_page(method, path):
    pages = read("docs/integration.md") + read("docs/operations.md")
    documented = {
        (verb, where)
        for verbs, where in re.findall(r"((?:`?[A-Z]+`?(?:, | and | ))+)`?(/[a-z/{}]+)`", pages)
        for verb in re.findall(r"[A-Z]+", verbs)
    }
    # aiohttp answers HEAD wherever it answers GET.
    assert (method, path) in documented or (method == "HEAD" and ("GET", path) in documented)


def exposed() -> set[str]:
    """Return the names of what hub and web processes show; a web process's own begin with docaxis_web_."""
    hub, pages = (
        {family.name + ("_total" if family.type == "counter" else "") for family in one.registry.collect()}
        for one in (Metrics(), WebMetrics())
    )
    assert all(name.startswith("docaxis_web_") for name in pages - hub)
    assert not any(name.startswith("docaxis_web_") for name in hub)
    return hub | pages


def test_every_metric_is_in_the_page_of_the_operator_and_no_other():
    rows = re.findall(r"^\| (`(?:docaxis|process)_.*?) \| ", read("docs/operations.md"), re.MULTILINE)
    page = [name for row in rows for name in re.findall(r"`([a-z_]+)(?:\{[a-z,]+\})?`", row)]
    assert sorted(page) == sorted(exposed())


def test_every_failpoint_is_in_the_page_of_the_architecture():
    rows = re.findall(r"^\| the (?:hub|client library[^|]*) \| (.*) \|$", read("docs/architecture.md"), re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`([a-z-]+)`", row)}
    code = {
        name
        for folder in ("docaxis", "adapters")
        for file in (ROOT / folder).rglob("*.py")
        for name in re.findall(r"\bfailpoint\(\"([a-z-]+)\"\)", file.read_text(encoding="utf-8"))
    }
    assert named == code


# Links, languages


def anchors(file: Path) -> set[str]:
    """Return the anchors of a page's headings, as the forges make them."""
    found = set()
    for heading in re.findall(r"^#+ (.*)$", without_code(file.read_text(encoding="utf-8")), re.MULTILINE):
        plain = unicodedata.normalize("NFC", heading.strip().lower())
        found.add(re.sub(r"[^\w\- ]", "", plain).replace(" ", "-"))
    return found


@pytest.mark.parametrize("file", PAGES, ids=name_of)
def test_links_lead_somewhere(file):
    for target in re.findall(r"\]\(([^)\s]+)\)", without_code(file.read_text(encoding="utf-8"))):
        if re.match(r"https?://", target):
            continue
        path, _, anchor = target.partition("#")
        page = (file.parent / path).resolve() if path else file
        assert page.exists(), f"{name_of(file)}: {target}"
        assert not anchor or anchor in anchors(page), f"{name_of(file)}: {target}"


def test_every_page_is_reached_from_the_readme():
    linked = set(re.findall(r"\]\(docs/([a-z-]+\.md)", read("README.md")))
    assert linked == {file.name for file in DOCS.glob("*.md")}


def test_both_readmes_have_the_same_parts():
    english, vietnamese = read("README.md"), read("README.vi.md")

    def headings(text: str) -> list[int]:
        return [len(one) for one in re.findall(r"^(#+) ", without_code(text), re.MULTILINE)]

    def links(text: str) -> list[str]:
        return sorted(set(re.findall(r"\]\(((?!README)[^)]+)\)", text)))

    assert headings(english) == headings(vietnamese)
    assert FENCE.findall(english) == FENCE.findall(vietnamese)
    assert links(english) == links(vietnamese)
    assert re.findall(r"^\| `[^|]*`", english, re.MULTILINE) == re.findall(r"^\| `[^|]*`", vietnamese, re.MULTILINE)


# Nothing private

FORBIDDEN = [
    "/" + "work/",
    "/" + "root/",
    "://" + "pypi",
    "files." + "pythonhosted",
    "deb." + "debian.org",
    "registry." + "npmjs",
]
KEY = re.compile("-----BEGIN " + r"[A-Z ]*PRIVATE KEY-----\s*[A-Za-z0-9+/=]{32}")


def test_no_file_names_this_machine_or_a_registry_or_holds_a_private_key():
    found = []
    for file in files():
        text = file.read_text(encoding="utf-8", errors="replace")
        found += [f"{name_of(file)}: {word}" for word in FORBIDDEN if word in text]
        found += [f"{name_of(file)}: a private key"] if KEY.search(text) else []
    assert not found


def test_pictures_are_small():
    pictures = sorted((DOCS / "pictures").glob("*.png"))
    assert pictures
    assert [name_of(one) for one in pictures if one.stat().st_size > 200 * 1024] == []
