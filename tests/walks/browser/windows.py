"""The windows of one browser: kept from test to test for what they have in their cache, empty of all else."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, BrowserContext, Page, Playwright, ViewportSize, sync_playwright

from ...app.stage import OWNER, PASSWORD

Look = Literal["light", "dark"]
SIZE: ViewportSize = {"width": 1280, "height": 844}
KEPT = "cookies,local_storage,indexeddb,service_workers,cache_storage"  # by a site; the cache of files stays
# Of what a browser has around its pages: two lists under the address bar, which are pages themselves and are made anew
# for each window, cost more than opening ours. Chromium takes one such list, so the rest is what Playwright turns off.
LEFT_OUT = (
    "WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "WebUIOmniboxFullPopup", "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose", "HttpsUpgrades", "HttpsFirstBalancedModeAutoEnable", "LensOverlay", "MediaRouter",
    "PaintHolding", "ThirdPartyStoragePartitioning", "AvoidCorsURLLoaderRestartOnRedirect", "OptimizationHints",
    "NetworkTimeServiceQuerying", "AimEnabled", "PreconnectToSearch",
)  # fmt: skip
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-features=" + ",".join(LEFT_OUT),
]  # fmt: skip


class Chromium:
    """The system's browser, begun when it is first asked for and kept until the tests here are over."""

    def __init__(self) -> None:
        self._playwright: Playwright | None = None
        self._browser: Browser | None = None
        self._windows: list[BrowserContext] = []
        self._used = 0
        self._address = ""
        self._complaints: list[str] = []

    @property
    def browser(self) -> Browser:
        if self._browser is None:
            paths = (Path("/usr/bin/chromium"), Path("/usr/bin/chromium-browser"))
            found = next((path for path in paths if path.exists()), None)
            self._playwright = sync_playwright().start()
            self._browser = self._playwright.chromium.launch(executable_path=found, args=FLAGS)
        return self._browser

    def page(self, address: str, email: str, width: int, height: int, look: Look) -> Page:
        """A page in a window of its own, signed in at this address."""
        if self._address != address:
            self._close_windows()
            self._address = address
        if self._used == len(self._windows):
            self._windows.append(self._window())
        window = self._windows[self._used]
        self._used += 1
        sign_in(window, address, email)
        page = window.new_page()
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=look)
        return page

    def clear(self) -> list[str]:
        """Nothing is open and nothing kept: the next test finds windows as new ones are, but for their cache.

        Returns what a console called an error.
        """
        for window in self._windows[: self._used]:
            window.set_offline(False)
            last, *others = window.pages or [window.new_page()]
            for page in others:
                page.close()
            wanted = {"origin": self._address, "storageTypes": KEPT}
            window.new_cdp_session(last).send("Storage.clearDataForOrigin", wanted)
            last.close()
        self._used = 0
        complaints, self._complaints = self._complaints, []
        return complaints

    def stop(self) -> None:
        """The browser is gone; the next who asks begins another."""
        self._close_windows()
        if self._browser and self._playwright:
            self._browser.close()
            self._playwright.stop()
        self._browser = self._playwright = None

    def _window(self) -> BrowserContext:
        window = self.browser.new_context(base_url=self._address, viewport=SIZE, reduced_motion="reduce")
        window.on("weberror", lambda error: self._complaints.append(str(error.error)))
        return window

    def _close_windows(self) -> None:
        for window in self._windows:
            window.close()
        self._windows.clear()
        self._used = 0


def sign_in(window: BrowserContext, address: str, email: str = OWNER) -> None:
    """Sign in without a page."""
    given: dict[str, str | float | bool] = {"email": email, "password": PASSWORD}
    answer = window.request.post(f"{address}/sign-in", form=given, headers={"origin": address}, max_redirects=0)
    assert answer.status == 303, answer.text()
