"""Letters from elsewhere: their tags become ours, what runs or hides stays out, and everything dropped is said."""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from sojourn.runtime.content.letter import compile_letter, render
from sojourn.runtime.templates import importing, merge_tags, template_file
from sojourn.runtime.templates.importing import NotImported, read_file, read_folder, read_zip
from sojourn.storage import pictures, templates
from sojourn.storage.database import Database

T0 = 1_790_000_000_000

PAGE = """<!DOCTYPE html><html><head><title>Spring is here, *|FNAME|*</title><script>alert(1)</script>
<style>@import url("https://x.example/f.css"); .a > b {color:#fff} i{background:url(javascript:alert(1))}</style></head>
<body bgcolor="#eeeeee" onload="x()"><div style="display:none">A peek at spring &zwnj;&nbsp;</div>
<table><tr><td><h1>Hello *|FNAME|*</h1><p>Some <b>words</b> &amp; a <a href="https://shop.example/?a=1&amp;b=2">link</a>
<a href="jav&#09;ascript:alert(1)" onclick="x()">no</a></p><img src="https://shop.example/p.png" alt="Shoes">
<table><tr><td bgcolor="#c00"><a href="https://shop.example/buy">Buy now</a></td></tr></table>
<hr><ul><li>one<li>two</ul>{columns}<p><a href="*|UNSUB|*">Unsubscribe</a></p>
<img src="https://track.example/o.gif" width="1" height="1"><img src="data:image/png;base64,AAAA">
<form action="/x"><input name="q"></form><iframe src="https://x.example"></iframe></td></tr></table></body></html>"""
ROW = "<table><tr><td>left</td><td style='width:50%; behavior:url(x)'>right</td></tr></table>"


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("*|FNAME|*", "{{ contact.first_name }}"),
        ("*|IF:FNAME|*a*|ELSE:|*b*|END:IF|*", "{% if contact.first_name %}a{% else %}b{% endif %}"),
        ("{{ person.first_name|default:'there' }}", "{{ contact.first_name|default('there') }}"),
        ("{{ first_name|default('you') }}", "{{ contact.first_name|default('you') }}"),
        ("{{ contact.firstname }}", "{{ contact.first_name }}"),
        ("{{lastname}}", "{{ contact.last_name }}"),
        ("{{{unsubscribe}}}", "{{ unsubscribe_url }}"),
        ("{% unsubscribe 'Stop' %}", '<a href="{{ unsubscribe_url }}">Stop</a>'),
        ("{{#if first_name}}x{{/if}}", "{% if contact.first_name %}x{% endif %}"),
        ("%FIRSTNAME% saves 50% OFF", "{{ contact.first_name }} saves 50% OFF"),
        ("{{ site_settings.company_name }}", "{{ brand.name }}"),
        ("{% for p in event.products %}{{ p.title }}{% endfor %}", None),
        ('{{ contact.first_name|default("x")|title }} {{ event.total }}', None),
    ],
)
def test_fields_of_other_systems_become_ours(theirs: str, ours: str | None) -> None:
    found = merge_tags.ours(theirs)
    assert (found.text, found.unknown) == (ours or theirs, [])
    assert bool(found.turned) is (ours is not None)


@pytest.mark.parametrize("theirs", ["*|DATE:d/m/Y|*", "{{#each items}}", "{{ mirror }}", "{{ event|lookup:'X' }}"])
def test_what_is_not_known_stays_and_is_listed(theirs: str) -> None:
    assert (merge_tags.ours(theirs).text, merge_tags.ours(theirs).unknown) == (theirs, [theirs])


def test_a_letter_in_one_column_is_taken_apart_into_blocks() -> None:
    (one,) = read_file("Spring_Offer.html", PAGE.replace("{columns}", "").encode())
    assert (one.name, one.title) == ("spring_offer", "Spring offer")
    assert one.source["subject"] == "Spring is here, {{ contact.first_name }}"
    assert one.source["preheader"] == "A peek at spring"
    kinds = [block["kind"] for block in one.source["blocks"]]
    assert kinds == ["heading", "text", "image", "button", "divider", "text"]
    heading, text, image, button, _, last = (block["settings"] for block in one.source["blocks"])
    assert heading["text"] == "Hello {{ contact.first_name }}"
    assert '<a href="https://shop.example/?a=1&amp;b=2">link</a>' in text["text"]
    assert (image["image"], image["alt"]) == ("https://shop.example/p.png", "Shoes")
    assert (button["label"], button["url"]) == ("Buy now", "https://shop.example/buy")
    assert last["text"].startswith("<ul><li>one</li><li>two</li></ul>")
    said = " ".join(one.notes)
    for what in ("scripts", "forms", "frames", "styles that fetch", "count openings elsewhere", "inside the file"):
        assert what in said
    assert "*|FNAME|* is {{ contact.first_name }} now" in said


@pytest.mark.parametrize("columns", ["", ROW])
def test_nothing_that_runs_gets_in_either_way(columns: str) -> None:
    (one,) = read_file("x.html", PAGE.replace("{columns}", columns).encode())
    assert ("mjml" in one.source) is bool(columns)
    letter = render(
        compile_letter(one.source), {"contact": {"first_name": "Ada"}, "unsubscribe_url": "https://u.example"}
    )
    page = letter.html.lower()
    for never in (
        "<script",
        "<iframe",
        "<form",
        "<input",
        "onclick",
        "onload",
        "javascript",
        "behavior",
        "track.example",
    ):
        assert never not in page
    assert "hello ada" in page and "https://shop.example/buy" in page and "https://u.example" in page


def test_a_letter_with_columns_is_kept_as_it_was_drawn() -> None:
    (one,) = read_file("x.html", PAGE.replace("{columns}", ROW).encode())
    page = render(compile_letter(one.source), {"contact": {}, "unsubscribe_url": "https://u.example"}).html
    assert ">left</td>" in page and "background-color: #eeeeee" in page and ".a > b {color:#fff}" in page


def test_mjml_keeps_its_head_and_gives_its_title_and_preview() -> None:
    mjml = (
        "<mjml><mj-head><mj-title>News &amp; more</mj-title><mj-preview>Look inside</mj-preview>"
        '<mj-attributes><mj-all font-family="Georgia" /></mj-attributes></mj-head><mj-body><mj-section><mj-column>'
        '<mj-text>Hi {{ contact.firstname }}</mj-text><mj-raw><script>x()</script><p onclick="x()">y</p></mj-raw>'
        "</mj-column></mj-section></mj-body></mjml>"
    )
    (one,) = read_file("weekly-news.mjml", mjml.encode())
    assert (one.source["subject"], one.source["preheader"]) == ("News & more", "Look inside")
    assert "mj-attributes" in one.source["mjml"] and "mj-preview" not in one.source["mjml"]
    page = render(compile_letter(one.source), {"contact": {"first_name": "Ada"}, "unsubscribe_url": "u"}).html
    assert "Hi Ada" in page and "Georgia" in page and "<script" not in page and "onclick" not in page


@pytest.mark.parametrize(
    ("name", "raw", "said"),
    [
        ("a.mjml", b'<mjml><mj-body><mj-include path="./b.mjml"/></mj-body></mjml>', r"another file \(\./b\.mjml\)"),
        ("a.mjml", b"<html></html>", "no MJML"),
        ("a.html", b"<script>x</script>", "nothing in it"),
        ("a.html", b"\xff\xfe", "not text in UTF-8"),
        ("a.html", b"a\x00b", "no text"),
        ("a.html", b"x" * 1_000_001, "larger than 1 MB"),
        ("a.exe", b"x", "Only MJML"),
        ("a.yaml", b"template: a\nsubject: x\nscript: y\n", "Script"),
        ("a.yaml", b"template: ../a\nsubject: x\n", "cannot be called"),
        ("a.yaml", b"a: &x [1]\nb: *x", "Line"),
    ],
)
def test_what_is_no_letter_is_refused_with_a_sentence(name: str, raw: bytes, said: str) -> None:
    with pytest.raises(NotImported, match=said):
        read_file(name, raw)


def test_whatever_is_nested_or_broken_is_answered() -> None:
    for text in (
        "<div>" * 50_000 + "x",
        "<table><tr><td>" * 3_000 + "x",
        "<a href=x" * 1000 + "y",
        "<p>x</b></i></p></div>",
    ):
        (one,) = read_file("x.html", text.encode())
        assert one.source


def test_a_folder_and_a_zip_bring_the_same_letters_and_no_others(tmp_path: Path, db: Database) -> None:
    letters = tmp_path / "letters"
    (letters / "more").mkdir(parents=True)
    (tmp_path / "secret.html").write_text("<p>secret</p>")
    (letters / "link.html").symlink_to(tmp_path / "secret.html")
    (letters / "one.html").write_text("<title>One</title><p>Hello</p>")
    (letters / "more" / "two.mjml").write_text("<mjml><mj-body></mj-body></mjml>")
    (letters / "notes.txt").write_text("no letter")
    (letters / "bad.mjml").write_text("<mj-include path='x'>")
    found = read_folder(letters)
    assert [each.name for each in found.letters] == ["two", "one"]
    assert [file for file, _ in found.refused] == ["bad.mjml"]

    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as out:
        out.write(letters / "one.html", "../../one.html")
        out.writestr("__MACOSX/one.html", "x")
        out.writestr("bomb.html", b"x" * 5_000_000)
    zipped = read_zip(packed.getvalue())
    assert [each.name for each in zipped.letters] == ["one"]
    assert zipped.refused == [("bomb.html", "The file is larger than 1 MB; a letter is a text of a few pages.")]
    with pytest.raises(NotImported, match="no ZIP"):
        read_zip(b"PK no")

    def keep(over: bool) -> list[str]:
        kept = db.write(lambda tx: importing.keep_all(tx, zipped, "ada@example.com", T0, over))
        return [name for name, _ in kept]

    assert (keep(False), keep(False), keep(True)) == (["one"], ["one-2"], ["one"])
    assert db.look(templates.newest) == {"one": 1, "one-2": 1}


def test_templates_are_written_as_they_are_read() -> None:
    block = {"id": "b1", "kind": "footer", "settings": {"why": "x"}, "shared": {"name": "ours", "version": 2}}
    letter = {"subject": "Hi", "preheader": "", "blocks": [block], "languages": {"cs": {"subject": "Ahoj"}}}
    (one,) = template_file.read(template_file.write("spring", "Spring", "letter", letter), "other")
    assert (one.name, one.title, one.kind, one.source) == ("spring", "Spring", "letter", letter)
    shared = {"kind": "footer", "settings": {"why": "x"}}
    (two,) = template_file.read(template_file.write("ours", "Ours", "block", shared), "other")
    assert (two.name, two.kind, two.source) == ("ours", "block", shared)


def test_mjml_brings_nothing_that_fetches_or_runs() -> None:
    bad = '<svg onload="a()"><a>x</a></svg><object data="x">y</object><embed src="x"><base href="https://evil.test/">'
    bad += (
        '<meta http-equiv="refresh" content="0;url=https://evil.test"><link rel="stylesheet" href="https://evil.test">'
    )
    good = '<mj-raw><meta name="color-scheme" content="light dark" /></mj-raw>'
    head = f"<mj-head>{good}<mj-style>@import url(https://evil.test/a.css); a {{ color: red }}</mj-style></mj-head>"
    body = f"<mj-body><mj-section><mj-column><mj-text>Hello{bad}</mj-text></mj-column></mj-section></mj-body>"
    (letter,) = read_file("a.mjml", f"<mjml>{head}{body}</mjml>".encode())
    mjml = letter.source["mjml"]
    assert "evil" not in mjml and "<svg" not in mjml and "<object" not in mjml and "<embed" not in mjml
    assert good in mjml and "color: red" in mjml and "<mj-text>Hello</mj-text>" in mjml
    assert any("fetch or run" in note for note in letter.notes)


PNG = b"\x89PNG\r\n\x1a\n" + b"a picture"


def test_pictures_in_a_zip_get_addresses_of_ours_and_nothing_else_is_read(tmp_path: Path, db: Database) -> None:
    letter = """<p>Hi</p><img src='img/a%20b.png?1' alt="A"><img src="../../secret.png"><img src="/img/x.svg">
    <img src="https://www.example.com/far.png"><img src="img/bomb.png"><td background="img/a b.png">x</td>"""
    mjml = '<mjml><mj-body><mj-section background-url="img/a b.png"><mj-column><mj-image src="../img/a b.png" />'
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("one.html", letter)
        out.writestr("more/two.mjml", mjml + "</mj-column></mj-section></mj-body></mjml>")
        out.writestr("img/a b.png", PNG)
        out.writestr("img/unused.png", PNG + b"2")
        out.writestr("img/x.svg", "<svg/>")
        out.writestr("img/bomb.png", PNG + bytes(50_000_000))
        out.writestr("../../secret.png", PNG + b"3")
    found = read_zip(packed.getvalue(), "https://mail.example.com")
    (name,) = found.pictures
    address = f"https://mail.example.com/public/pictures/{name}"
    one, two = (str(each.source) for each in sorted(found.letters, key=lambda each: each.name))
    assert address in one and "https://www.example.com/far.png" in one and "secret" not in one
    assert two.count(address) == 2, "from the letter's folder, and from the root of the file"
    assert {path: why[:30] for path, why in found.refused} == {
        "img/x.svg": "It is no PNG, JPEG or GIF: mai", "img/bomb.png": "The picture is larger than 2 M",
    }  # fmt: skip
    assert any("pictures from your computer" in note for each in found.letters for note in each.notes)
    db.write(lambda tx: importing.keep_all(tx, found, "ada@example.com", T0))
    kept = db.look(lambda tx: pictures.picture(tx, name))
    assert kept is not None and (kept.content, kept.kind, kept.title) == (PNG, "image/png", "a b.png")
    told = read_zip(packed.getvalue()).refused
    assert ("img/a b.png", "Readers could not load it: set the public address under Settings first.") in told


@pytest.mark.parametrize(("broken", "taken"), [(b"a.html", []), (b"p.png", ["a"])])
def test_what_is_broken_in_a_zip_is_told_of_and_the_rest_is_taken(broken: bytes, taken: list[str]) -> None:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("a.html", '<p>Hello <img src="p.png" alt="x"></p>')
        out.writestr("p.png", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20)
    raw = bytearray(packed.getvalue())
    begin = raw.find(broken) + len(broken)
    raw[begin : begin + 12] = b"\xff" * 12
    found = importing.read_zip(bytes(raw), "https://shop.example.com")
    assert [each.name for each in found.letters] == taken
    assert found.refused == [(broken.decode(), "The file is broken.")]
