"""The results for people: ratios first."""

from typing import Any

from rich.console import Console
from rich.table import Table

from tests.bench.plan import Plan
from tests.bench.report import Result


def show(result: Result, console: Console) -> None:
    """Print the tables; they say what `--json` says."""
    found = result.to_dict()
    if found["ratios"] or found["limit_documents_per_s"]:
        _ratios(found, console)
    if result.cases:
        _variants(found, result.plan, console)
    if found["latency"]:
        _latency(found["latency"], console)
    if found["receivers"]:
        _pairs("half load with verifying Python receivers on the same cores", found["receivers"], console)
    if found["shares"]:
        shares = {part: f"{share * 100:.0f} %" for part, share in found["shares"].items()}
        _pairs("share of the hub's CPU under cProfile, by part", shares, console)
    console.print(f"load before (1 min): {found['load_before']}")
    console.print("guarantees: all held" if not result.broken else "; ".join(result.broken))
    for line in result.warnings[:10]:
        console.print(line, markup=False, highlight=False)


def _ratios(found: dict[str, Any], console: Console) -> None:
    table = Table("ratio", "value", title="ratios, medians over the rounds", title_justify="left")
    for name, value in found["ratios"].items():
        table.add_row(name.replace("_to_", " / ").replace("_", " "), f"{value:.2f}")
    if found["limit_documents_per_s"]:
        floor = found["variants"]["floor"]["cpu_us_per_document"]["all"]
        cores = found["machine"]["cores"]
        table.add_row(f"limit: {cores} cores at {floor} µs a document", f"{found['limit_documents_per_s']} documents/s")
    console.print(table)


def _variants(found: dict[str, Any], plan: Plan, console: Console) -> None:
    title = f"packages of {plan.size_bytes} bytes ({plan.key}) to {plan.addressees} addressees, {plan.store}" + (
        ", under cProfile: no figure to quote" if plan.profile else ""
    )
    variants = found["variants"]
    table = Table("", *(name.replace("_", " ") for name in variants), title=title, title_justify="left")
    for name, read in _ROWS.items():
        if all(read(one) is None for one in variants.values()):
            continue
        table.add_row(name, *("" if (value := read(one)) is None else str(value) for one in variants.values()))
    for step in sorted({step for one in variants.values() for step in one["steps_us_per_document"]}):
        cells = (one["steps_us_per_document"].get(step, "") for one in variants.values())
        table.add_row(f"step {step}, µs/document by its own clock", *map(str, cells))
    console.print(table)


_ROWS = {
    "documents": lambda one: one["documents"],
    "seconds": lambda one: one["seconds"],
    "documents/s": lambda one: one["documents_per_s"],
    "deliveries/s": lambda one: one["deliveries_per_s"],
    "documents/s by round": lambda one: " ".join(f"{rate:.0f}" for rate in one["rounds_documents_per_s"]),
    "documents/s by quarter, last round": lambda one: " ".join(
        f"{rate:.0f}" for rate in one["quarters_documents_per_s"]
    ),
    "CPU µs/document: hub": lambda one: one["cpu_us_per_document"]["hub"],
    "CPU µs/document: broker": lambda one: one["cpu_us_per_document"]["broker"],
    "CPU µs/document: database": lambda one: one["cpu_us_per_document"]["database"],
    "CPU µs/document: all": lambda one: one["cpu_us_per_document"]["all"],
    "packages, statuses among them": lambda one: one.get("packages"),
    "packages/s": lambda one: one.get("packages_per_s"),
    "CPU µs/package: hub / broker / database / all": lambda one: (
        " / ".join(str(value) for value in one["cpu_us_per_package"].values()) if "packages" in one else None
    ),
    "documents/s with a core more (computed)": lambda one: one.get("with_a_core_more_documents_per_s"),
    "memory MiB: quarter / end / peak": lambda one: " / ".join(
        f"{one['hub_memory_mib'][name]:.0f}" for name in ("quarter", "end", "peak")
    ),
}


def _latency(found: dict[str, Any], console: Console) -> None:
    table = Table("minute", "p50 ms", "p99 ms", "memory MiB")
    console.print(
        f"publish to receipt at {found['sent_rate']} documents/s ({found['processes']} hub process(es)): "
        f"p50 {found['receipt_p50_ms']} ms, p99 {found['receipt_p99_ms']} ms, longest {found['receipt_max_ms']} ms; "
        f"CPU µs/document hub {found['hub_us']:.0f}, broker {found['broker_us']:.0f}, "
        f"database {found['database_us']:.0f}"
    )
    for number, one in enumerate(found["minutes"], 1):
        table.add_row(str(number), *(f"{one[key]}" for key in ("receipt_p50_ms", "receipt_p99_ms", "memory_mib")))
    console.print(table)
    if len(found["minutes"]) > 1:
        flat = found["last_to_first_minute"]
        console.print(f"last minute to first: p99 {flat['receipt_p99']}, memory {flat['memory']}")


def _pairs(title: str, values: dict[str, Any], console: Console) -> None:
    table = Table("measure", "value", title=title, title_justify="left")
    for name, value in values.items():
        table.add_row(name.replace("_", " "), str(value))
    console.print(table)
