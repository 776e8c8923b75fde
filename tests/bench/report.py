"""The results for a person, as Markdown, and for a program, as JSON."""

import dataclasses

HEAD = ("ours", "", "baseline", "", "ratio", "from – to", "goal", "")
VERDICT = {True: "met", False: "MISSED", None: ""}


def table(results):
    lines = [HEAD, *(line(result) for result in results)]
    widths = [max(len(text[column]) for text in lines) for column in range(len(HEAD))]
    right = (1, 3, 4, 5)  # columns of numbers
    rule = ["-" * (width - 1) + ":" if n in right else "-" * width for n, width in enumerate(widths)]
    aligned = [
        [text.rjust(width) if n in right else text.ljust(width) for n, (text, width) in enumerate(zip(texts, widths))]
        for texts in lines
    ]
    return "\n".join("| " + " | ".join(texts) + " |" for texts in (aligned[0], rule, *aligned[1:]))


def line(result):
    row = result["row"]
    if "error" in result:
        return (row.name, "FAILED", row.against, "", "", "", str(row.goal), result["error"][:80])
    baseline = ratio = spread = ""
    if row.baseline:
        baseline = row.baseline.show(result["baseline_median"])
        ratio = number(result["ratio"])
        spread = f"{number(min(result['ratios']))} – {number(max(result['ratios']))}"
    return (
        row.name, row.ours.show(result["ours_median"]), row.against, baseline, ratio, spread,
        str(row.goal), VERDICT[result["met"]],
    )


def number(ratio):
    return f"{ratio:,.0f}" if ratio >= 100 else f"{ratio:.3g}"


def heading(machine, scale):
    settings = ", ".join(f"{name} = {value}" for name, value in machine["settings"].items())
    busy = " (others use it: mind the ranges)" if machine["load_before"] > machine["cores"] / 2 else ""
    return "\n".join((
        f"{machine['cores']} cores ({machine['cpu']}), {machine['memory_gib']} GiB, Linux {machine['kernel']},"
        f" PostgreSQL {machine['postgresql']}, credit {machine['credit']} ({machine['commit']})",
        f"settings: {settings}; all others are PostgreSQL's defaults",
        f"load of the machine before: {machine['load_before']:.1f}, after: {machine['load_after']:.1f}{busy}",
        f"{scale.name} form: {scale.users:,} ledgers with {scale.user_events:,} events, histories of"
        f" {scale.histories[0]:,} to {scale.histories[-1]:,} events; pgbench -M prepared, unix socket, 1 client,"
        f" {scale.rounds} × {' '.join(scale.duration)} for each side, taking turns",
        "shown: medians; ratio: the median of the turns' ratios of ours to the baseline (baseline to ours where the goal"
        " is \"faster\"), and the range of them",
    ))


def document(machine, scale, results, curve, seconds):
    return {
        "machine": machine,
        "scale": dataclasses.asdict(scale),
        "seconds": seconds,
        "rows": [entry(result) for result in results],
        "latency_by_history": curve,
    }


def entry(result):
    row = result["row"]
    return {
        "name": row.name,
        "against": row.against,
        "unit": {"Latency": "seconds", "Rate": "events/second", "BytesPerEvent": "bytes"}[type(row.ours).__name__],
        "goal": str(row.goal),
        **{key: value for key, value in result.items() if key != "row"},
    }
