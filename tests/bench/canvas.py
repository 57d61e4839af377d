"""The editor in a real browser, without a graphics card: how soon it is there, what a frame and an edit cost."""

from __future__ import annotations

import gzip
import json
import os
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from sojourn.runtime.journey_file import write

from . import server
from .figures import Figure

SIZES = (50, 500, 2000)
BUNDLE = Path(__file__).parents[2] / "assets" / "canvas" / "dist"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
PAN_S = 3.0
EDITS = 60
PAUSE_MS = 100.0  # between edits: a hand is hardly faster
INTERACTIVE_S, FRAME_MS, EDIT_MS, BUNDLE_KB = 2.0, 16.0, 50.0, 150.0  # what issue and design promise
LARGE_MS, OTHER_MS = 200.0, 300.0  # an edit of more than 500 steps; an edit until somebody else has it
FRAMES = """() => { window.frames_ = 0; const count = () => { window.frames_ += 1; requestAnimationFrame(count) };
    requestAnimationFrame(count) }"""
# When an intent went into the socket and when its answer came out of it.
SOCKET = """window.acks_ = []; let sent_ = 0
window.WebSocket = class extends WebSocket {
    constructor(...said) {
        super(...said)
        this.addEventListener('message', ({ data }) => {
            if (!sent_ || typeof data !== 'string' || !/ack[^a-z]+seq/.test(data)) return
            window.acks_.push(performance.now() - sent_); sent_ = 0; window.acked_?.()
        })
    }
    send(data) {
        if (typeof data === 'string' && /intent[^a-z]+op[^a-z]/.test(data)) sent_ = performance.now()
        super.send(data)
    }
}"""
TRIPS = """async ([count, pause]) => {
    const canvas = document.querySelector('[data-canvas]'), stage = document.querySelector('[data-stage]')
    const drawn = [], begun = {}
    const late = () => new Promise((_, no) => setTimeout(() => no(Error('The server did not answer.')), 10000))
    window.acks_.length = 0
    for (let n = 0; n < count; n++) {
        const patched = new Promise(done => new MutationObserver((_, observer) => { observer.disconnect(); done() })
            .observe(canvas, { attributeFilter: ['data-rev'] }))
        const acked = new Promise(done => { window.acked_ = done })
        const began = performance.now()
        stage.dispatchEvent(new KeyboardEvent('keydown', { key: n % 2 ? 'y' : 'z', ctrlKey: true, bubbles: true }))
        await Promise.race([patched, late()])
        drawn.push(performance.now() - began)
        begun[canvas.dataset.rev] = performance.timeOrigin + began
        await Promise.race([acked, late()])
        await new Promise(done => setTimeout(done, pause))
    }
    return { drawn, acks: window.acks_, begun }
}"""
WATCH = """() => {
    const canvas = document.querySelector('[data-canvas]')
    window.seen_ = {}
    new MutationObserver(() => { window.seen_[canvas.dataset.rev] ??= performance.timeOrigin + performance.now() })
        .observe(canvas, { attributeFilter: ['data-rev'] })
}"""
PAINTED = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


def canvas() -> list[Figure]:
    """Journeys of 50, 500 and 2,000 steps: seconds to the first card, frames while panning, edits, a second browser."""
    found = [Figure("canvas.bundle", _bundle_kb(), "kB gzip", BUNDLE_KB)]
    with server.instance() as (home, _):
        for size in SIZES:
            server.add_journey(home, write(journey(size)))
        with server.serving(home) as running, _browser(running.url) as page:
            for size in SIZES:
                found += measure(page, f"{running.url}/journeys/bench-{size}/edit", size)
    return found


def measure(page: Page, url: str, size: int) -> list[Figure]:
    """The figures of one journey. The first visit fills the browser's cache, the second is timed."""
    _arrive(page, url)
    seconds = _arrive(page, url)
    _walk_in(page)
    per_frame, rate = _pan(page)
    moved, deleted = _edit(page, "Shift+ArrowDown"), _edit(page, "Delete")
    other = _other(page, url)
    load = {"load": round(os.getloadavg()[0], 1)}
    limit = EDIT_MS if size <= 500 else LARGE_MS
    more = {"steps": size, "cards": page.locator("[data-node]").count()}
    return [
        Figure(f"canvas.{size}.interactive", seconds, "s", INTERACTIVE_S, more),
        Figure(f"canvas.{size}.frame", per_frame, "ms main thread/frame", FRAME_MS, {"frames_per_s": round(rate, 1)}),
        Figure(f"canvas.{size}.ack", *_spread(moved["acks"], limit, load)),
        Figure(f"canvas.{size}.edit", *_spread(moved["drawn"], limit, load)),
        Figure(f"canvas.{size}.law", *_spread(deleted["acks"], limit, load)),
        Figure(f"canvas.{size}.other", *_spread(other, OTHER_MS, load)),
    ]


def journey(size: int) -> dict[str, Any]:
    """A trigger, some splits, and long arms of waits and updates, ``size`` steps in all."""
    names = [f"s{n:04}" for n in range(size)]
    nodes: dict[str, Any] = {names[0]: {"kind": "trigger_api", "settings": {}, "next": {}, "at": [0, 0]}}
    free, made, rows = [(names[0], "next", 0)], 1, {0: 1}
    while made < size:
        source, port, column = free.pop(0)
        name = names[made]
        split = len(free) < 30 and made % 3 == 1
        entry: dict[str, Any] = {"kind": "branch", "settings": {"rule": {"property": "country", "value": "CZ"}}}
        if not split:
            entry = {"kind": "wait", "settings": {"amount": 1 + made % 5, "unit": "hours"}}
        row = rows.get(column + 1, 0)
        rows[column + 1] = row + 1
        nodes[name] = {**entry, "next": {}, "at": [(column + 1) * 408, row * 184]}
        nodes[source]["next"][port] = name
        free += [(name, way, column + 1) for way in (("yes", "no") if split else ("next",))]
        made += 1
    return {"name": f"bench-{size}", "title": f"Bench {size}", "message_type": "transactional", "nodes": nodes}


@contextmanager
def _browser(url: str) -> Iterator[Page]:
    found = next((path for path in ("/usr/bin/chromium", "/usr/bin/chromium-browser") if Path(path).exists()), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        page = browser.new_page(viewport={"width": 1440, "height": 860}, reduced_motion="reduce")
        page.add_init_script(SOCKET)
        page.goto(f"{url}/sign-in")
        page.fill("#email", server.OWNER)
        page.fill("#password", server.PASSWORD.strip())
        page.click("button[type=submit]")
        page.wait_for_url("**/journeys")
        yield page
        browser.close()


def _arrive(page: Page, url: str) -> float:
    began = time.perf_counter()
    page.goto(url, wait_until="commit")
    page.wait_for_selector("[data-canvas][data-ready] [data-node]", timeout=120_000)
    page.evaluate(PAINTED)
    return time.perf_counter() - began


def _walk_in(page: Page) -> None:
    """Along the wires into the thick of it."""
    page.locator("[data-stage]").focus()
    for _ in range(9):
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(150)
    page.wait_for_timeout(1000)


def _pan(page: Page) -> tuple[float, float]:
    """Milliseconds of main thread a frame, and frames a second, while the wheel turns."""
    stage = page.locator("[data-stage]").bounding_box()
    assert stage is not None
    page.mouse.move(stage["x"] + stage["width"] / 2, stage["y"] + 20)
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    page.evaluate(FRAMES)
    before, began, turn = _busy(session), time.monotonic(), 0
    while time.monotonic() - began < PAN_S:
        page.mouse.wheel(30 if (turn // 120) % 2 == 0 else -30, 8 if (turn // 20) % 2 == 0 else -8)
        page.wait_for_timeout(8)
        turn += 1
    frames = page.evaluate("() => window.frames_")
    took, busy = time.monotonic() - began, _busy(session) - before
    session.detach()
    return busy * 1000 / frames, frames / took


def _busy(session: Any) -> float:
    metrics = session.send("Performance.getMetrics")["metrics"]
    return next(each["value"] for each in metrics if each["name"] == "TaskDuration")


def _edit(page: Page, key: str) -> dict[str, Any]:
    """What ``key`` does, undone and redone many times: milliseconds from an intent to its answer, and until drawn.

    A move asks nothing of the graph law; a step deleted and brought back has the whole journey judged anew.
    """
    page.keyboard.press(key)
    page.wait_for_selector("[data-do=undo]:enabled")
    page.wait_for_timeout(1000)
    return page.evaluate(TRIPS, [EDITS, PAUSE_MS])


def _other(page: Page, url: str) -> list[float]:
    """Milliseconds from a key in one browser to the patch in another that shows the same journey."""
    session = page.context.storage_state()
    assert page.context.browser is not None
    with page.context.browser.new_context(storage_state=session) as context:
        other = context.new_page()
        _arrive(other, url)
        other.wait_for_timeout(1000)
        other.evaluate(WATCH)
        begun = page.evaluate(TRIPS, [EDITS // 2, PAUSE_MS])["begun"]
        other.wait_for_timeout(500)
        seen = other.evaluate("() => window.seen_")
    return [seen[rev] - at for rev, at in begun.items()]


def _spread(times: list[float], limit: float, load: dict[str, float]) -> tuple[float, str, float, dict[str, float]]:
    p95 = sorted(times)[int(len(times) * 0.95)]
    return p95, "ms p95", limit, {"p50_ms": round(statistics.median(times), 1), **load}


def _bundle_kb() -> float:
    bundle = next(BUNDLE.glob("journey_canvas.*.js"))
    return len(gzip.compress(bundle.read_bytes(), 9)) / 1000


if __name__ == "__main__":
    for figure in canvas():
        print(json.dumps(figure.as_dict(), ensure_ascii=False), flush=True)
