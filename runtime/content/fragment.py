"""A piece of source somebody put into a block: whether it closes what it opens, and stands where it may."""

from __future__ import annotations

from .protect import JINJA, MARKUP, OPENING, REFUSED, VOID

ON_A_SHEET = {"mj-section", "mj-hero", "mj-raw"}


def faults(source: str, mjml: bool) -> list[str]:
    """Sentences about the first thing wrong with it; none when it may stand in a block."""
    text = JINJA.sub("", source)
    if OPENING.search(text):
        return ["A Jinja tag is never closed."]
    if "<!--" in text[text.rfind("-->") + 1 :]:
        return ["A comment is never closed."]
    stack: list[str] = []
    at = 0
    for match in MARKUP.finditer(text):
        if mjml and not stack and text[at : match.start()].strip():
            return ["Words have to stand inside of an element."]
        at = match.end()
        if match["close"]:
            name = match["close"].lower()
            if name in VOID:
                continue
            if not stack or stack[-1] != name:
                return [f"</{name}> closes nothing here."]
            stack.pop()
        elif match["open"]:
            name = match["open"].lower()
            if name in REFUSED:
                return [REFUSED[name]]
            if not mjml and name.startswith("mj"):
                return [f"<{name}> is not HTML: use a block of MJML for it."]
            if mjml and not stack and name not in ON_A_SHEET:
                return ["Only <mj-section>, <mj-hero> and <mj-raw> may stand at the top of this block."]
            if not match["attributes"].rstrip().endswith("/") and name not in VOID:
                stack.append(name)
    if mjml and not stack and text[at:].strip():
        return ["Words have to stand inside of an element."]
    return [f"<{stack[-1]}> is never closed."] if stack else []
