"""What our MJML engine gets wrong and we put right."""

from sojourn.runtime.content.letter import compile_letter, render
from sojourn.runtime.content.mjml import to_html

IN_A_THIRD = '<mj-section><mj-column width="33.33%">{}</mj-column></mj-section>'


def page(body: str, head: str = "") -> str:
    return to_html(f"<mjml><mj-head>{head}</mj-head><mj-body>{body}</mj-body></mjml>")


def test_a_picture_for_decoration_says_so_and_widths_are_whole_pixels() -> None:
    html = page(IN_A_THIRD.format('<mj-image src="https://www.example.com/a.png" alt="" />'))
    assert 'alt=""' in html and 'width="149"' in html and "149." not in html


def test_of_several_classes_the_last_one_counts() -> None:
    head = '<mj-attributes><mj-class name="a" color="#111111" /><mj-class name="b" color="#222222" /></mj-attributes>'
    html = page(IN_A_THIRD.format('<mj-text mj-class="a b">Words</mj-text>'), head)
    assert "#222222" in html and "#111111" not in html


def test_the_body_has_its_defaults() -> None:
    head = '<mj-attributes><mj-body background-color="#123456" width="500px" /></mj-attributes>'
    html = to_html(f'<mjml><mj-head>{head}</mj-head><mj-body width="400px"><mj-section></mj-section></mj-body></mjml>')
    assert "#123456" in html and "max-width:400px" in html


def test_conditions_around_sections_of_a_wrapper_stand_in_the_text_part_too() -> None:
    section = "<mj-section><mj-column><mj-text>{}</mj-text></mj-column></mj-section>"
    body = f"<mj-wrapper>{section.format('All')}{{% if contact.vip %}}{section.format('Few')}{{% endif %}}</mj-wrapper>"
    letter = compile_letter({"subject": "x", "mjml": f"<mjml><mj-body>{body}</mj-body></mjml>"}, marketing=False)
    assert [("Few" in render(letter, {"contact": {"vip": vip}}).text) for vip in (True, False)] == [True, False]
