"""How well bounces are read: `python -m tests.bench.bounces FOLDER`, the folder holding the public sets by name.

``flufl/`` is ``tests/data`` of flufl.bounce 6.0.0, ``bounceparser/`` is ``t/corpus`` of
Mail::DeliveryStatus::BounceParser 1.543, ``bounced/`` are the ``.eml`` files of ``bounces`` and ``bounce_email`` in
bounced 0.3.0, ``baunsu/`` is ``tests/emails`` of baunsu 0.2.3. Beside this file stands what each of their mails is.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path

from sojourn.runtime.bounces.parsing import parse

LABELS = Path(__file__).with_suffix(".tsv")


def labels() -> list[tuple[str, str, set[str], str]]:
    """``(file, kind, recipients, hard or soft)``; ? is not judged."""
    rows = [line.split("\t") for line in LABELS.read_text("utf-8").splitlines() if not line.startswith("#")]
    return [(file, kind, set(recipients.split()), lasting) for file, kind, recipients, lasting in rows]


def measure(folder: Path) -> tuple[dict[str, float | int], list[str]]:
    """The figures, and a line for each mail that was read otherwise than it is labelled."""
    count, wrong = Counter[str](), []
    for file, kind, wanted, lasting in labels():
        if not (folder / file).is_file():
            count["missing"] += 1
            continue
        reports = parse((folder / file).read_bytes())
        found = {one.recipient for one in reports}
        hard = any(one.hard for one in reports)
        if kind == "no":
            count["no bounce"] += 1
            if any(one.kind == "bounce" for one in reports):
                count["no bounce, called one"] += 1
                wrong.append(f"{file}: called a bounce")
            continue
        if kind == "?":
            continue
        count["bounces"] += 1
        if all(one.kind not in ("bounce", "delay") for one in reports):
            count["overlooked"] += 1
            wrong.append(f"{file}: overlooked")
        if wanted:
            count["with a recipient"] += 1
            count["recipient found"] += bool(found & wanted)
            if not found & wanted:
                wrong.append(f"{file}: {sorted(wanted)} was read as {sorted(found)}")
        if lasting != "?":
            count["judged"] += 1
            count["hard or soft right"] += hard == (lasting == "hard")
            count["soft, called hard"] += hard and lasting == "soft"
            if hard != (lasting == "hard"):
                wrong.append(f"{file}: {lasting} was read otherwise: {[one.word for one in reports]}")
    shares = {
        "recipient found, %": 100 * count["recipient found"] / max(1, count["with a recipient"]),
        "hard or soft right, %": 100 * count["hard or soft right"] / max(1, count["judged"]),
    }
    return {**count, **{name: round(share, 1) for name, share in shares.items()}}, wrong


if __name__ == "__main__":
    figures, lines = measure(Path(sys.argv[1]))
    sys.stderr.writelines(f"{line}\n" for line in lines)
    print(json.dumps(figures))
