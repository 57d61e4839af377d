"""A logo beside letters has to be an SVG of a narrow kind (SVG Tiny 1.2 PS): what is wrong with this one."""

from __future__ import annotations

import re

MOST_BYTES = 32_768
ROOT = re.compile(r"<svg\b[^>]*>", re.I)
ATTRIBUTE = re.compile(r"""([\w:-]+)\s*=\s*(["'])(.*?)\2""", re.S)
BARRED = re.compile(r"<(script|image|foreignObject|animate\w*|video|audio|a)\b", re.I)
OUTSIDE = re.compile(r"""(?:href|src)\s*=\s*["'](?!#)|url\(\s*["']?(?!#)""", re.I)
EVENTS = re.compile(r"\bon\w+\s*=", re.I)


def problems(svg: str) -> list[str]:
    """What keeps a logo from being shown, as sentences."""
    root = ROOT.search(svg)
    if root is None:
        return ["It is no SVG."]
    known = {name.lower(): value for name, _, value in ATTRIBUTE.findall(root[0])}
    found = []
    if known.get("baseprofile") != "tiny-ps" or known.get("version") != "1.2":
        found.append('Its first element has to say version="1.2" and baseProfile="tiny-ps".')
    if not re.search(r"<title>\s*\S[^<]*</title>", svg):
        found.append("It has no <title> with the name of the brand.")
    box = known.get("viewbox", "").replace(",", " ").split()
    if len(box) != 4 or box[2] != box[3]:
        found.append("It is not square: its viewBox has to be as wide as high.")
    if {"x", "y"} & known.keys():
        found.append("Its first element must not have x or y.")
    if BARRED.search(svg) or EVENTS.search(svg):
        found.append("It holds scripts, pictures, links or animations; only plain shapes are shown.")
    if OUTSIDE.search(re.sub(r"xmlns(?::\w+)?\s*=\s*([\"']).*?\1", "", svg)):
        found.append("It refers to something outside of itself.")
    if len(svg.encode()) > MOST_BYTES:
        found.append(f"It is larger than {MOST_BYTES // 1024} kB.")
    return found
