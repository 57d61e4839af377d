"""Waiting until a page stands still, instead of for as long as the slowest machine may take."""

from __future__ import annotations

from playwright.sync_api import Page

QUIET_MS, MOST_MS = 250, 4_000
# Nothing was changed for a while, every style sheet is there, and nothing moves that will come to an end.
STILL = """([quiet, most]) => new Promise(done => {
    const begun = performance.now()
    let timer = 0
    const moves = () => document.getAnimations().some(each => each.playState === 'running'
        && each.effect.getComputedTiming().endTime !== Infinity)
    const loads = () => [...document.querySelectorAll('link[rel=stylesheet]')].some(each => !each.sheet)
    const look = () => {
        if ((moves() || loads()) && performance.now() - begun < most) return again()
        watch.disconnect()
        done()
    }
    const again = () => {
        if (performance.now() - begun >= most && timer) return
        clearTimeout(timer)
        timer = setTimeout(look, quiet)
    }
    const watch = new MutationObserver(again)
    watch.observe(document, { subtree: true, childList: true, attributes: true, characterData: true })
    again()
})"""


def still(page: Page) -> None:
    """Come back when what is open has come to rest; after a few seconds also if something moves all the time."""
    page.evaluate(STILL, [QUIET_MS, MOST_MS])
