"""`make bench`: prints one JSON line a figure: name, value, unit, limit, ratio."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable

from . import canvas, doors, email, features, figures, gate, imports, overlap, people, segments

BENCHMARKS: dict[str, Callable[[], list[figures.Figure]]] = {
    "engine.sqlite.100k": figures.engine_sqlite,
    "engine.sqlite.growth": figures.engine_growth,
    "engine.sqlite.history": figures.engine_history,
    "engine.postgres.100k": figures.engine_postgres,
    "ingest.single": doors.single,
    "ingest.batch": doors.batch,
    "import.1m": imports.million,
    "start": doors.start,
    "canvas": canvas.canvas,
    "people.search.1m": people.found_1m,
    "people.duplicates.10k": people.compared,
    "features.refresh": features.refresh,
    "gate.decisions.100k": gate.decisions,
    "gate.growth": gate.growth,
    "email.letters": email.letters,
    "email.render": email.render,
    "mjml.compile": email.compiled,
    "overlap.100k": overlap.report,
    "segments.count.1m": segments.count_1m,
    "segments.refresh.1m": segments.refresh_1m,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="one benchmark, by name; empty for all")
    only = parser.parse_args().only
    if only and only not in BENCHMARKS:
        parser.error(f"there is no benchmark {only!r}; there are: {', '.join(BENCHMARKS)}")
    for name, measure in BENCHMARKS.items():
        if only in ("", name):
            for figure in measure():
                print(json.dumps(figure.as_dict(), ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
