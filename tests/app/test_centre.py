"""The preference centre over HTTP: what a button does, what a GET never does, and whose page it is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sojourn.app import public
from sojourn.app.api import centre, preferences
from sojourn.app.instance import Instance
from sojourn.app.public_words import LANGUAGES, Words, language_for
from sojourn.runtime import settings
from sojourn.runtime.content.links import Links
from sojourn.storage import consents, requests, topics, wishes
from sojourn.storage.columns import load
from sojourn.storage.topics import Topic
from sojourn.tests.app.asking import Client

DAY = 86_400_000
B2B = Topic(name="product", words={"en": {"title": "Product news"}}, channels=["email"], audience="b2b", position=5)
TIPS = Topic(
    name="tips", words={"en": {"title": "Tips"}, "cs": {"title": "Tipy"}}, channels=["email", "sms"], position=6
)


@pytest.fixture
def instance(tmp_path: Path, database_url: str) -> Iterator[Instance]:
    opened = Instance.create(tmp_path / "home", database_url=database_url)
    now = opened.clock.now_ms()

    def fill(tx: Any) -> None:
        tx.insert("contacts", "id,email,properties,created_at,changed_at", [(9, "ada@example.com", "{}", now, now)])
        settings.save(tx, "brand_name", "Acme & Sons")
        topics.keep(tx, B2B)
        topics.keep(tx, TIPS)
        consents.say(tx, 9, "email", "granted", source="test", now_ms=now)

    opened.db.write(fill)
    yield opened
    opened.close()


@pytest.fixture
def client(instance: Instance) -> Client:
    return Client(centre.routes(instance), preferences.routes(instance))


@pytest.fixture
def path(instance: Instance) -> str:
    return Links(instance.secrets.derive("links")).preferences(9, 5, instance.clock.now_ms() + DAY)


def states(instance: Instance) -> dict[tuple[str, str], str]:
    return instance.db.look(lambda tx: consents.states(tx, 9))


def test_looking_shows_what_is_and_changes_nothing(instance: Instance, client: Client, path: str) -> None:
    answer = client.get(path, headers={"accept-language": "fr,de;q=0.1"})
    assert answer.status_code == 200 and 'lang="de"' in answer.text
    assert "Acme &amp; Sons" in answer.text and "ada@example.com" in answer.text
    assert 'value="email.marketing" checked' in answer.text
    assert "email.tips" in answer.text and 'email.tips" checked' not in answer.text
    assert "sms.tips" not in answer.text  # there is no number to write to
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "<script" not in answer.text and "set-cookie" not in answer.headers
    client.head(path)
    assert states(instance) == {("email", "marketing"): "granted"}


def test_ticks_and_the_limit_are_kept_with_their_proof(instance: Instance, client: Client, path: str) -> None:
    wanted = {"do": "save", "want": ["email.tips", "email.product", "sms.made_up"], "per_week": "2", "language": "cs"}
    answer = client.post(path, data=wanted, headers={"user-agent": "Phone"})
    assert answer.status_code == 303 and answer.headers["location"] == f"{path}?done=saved&lang=cs"
    assert states(instance) == {("email", "marketing"): "withdrawn", ("email", "tips"): "granted"}
    wish = instance.db.look(lambda tx: wishes.of(tx, 9))
    assert (wish.per_week, wish.language) == (2, "cs")
    row = instance.db.look(
        lambda tx: tx.one("SELECT source, language, agent, evidence FROM consents WHERE topic = 'tips'")
    )
    assert row and row[:3] == ("preferences", "cs", "Phone") and load(row[3]) == {"message": 5}
    page = client.get(f"{path}?done=saved&lang=cs").text
    assert "Uloženo" in page and "Tipy" in page and '<option value="2" selected>' in page


def test_a_pause_is_kept_and_ended(instance: Instance, client: Client, path: str) -> None:
    client.post(path, data={"do": "pause", "weeks": "4"})
    until = instance.db.look(lambda tx: wishes.of(tx, 9)).paused_until
    assert until and abs(until - instance.clock.now_ms() - 28 * DAY) < DAY
    assert "On a break until" in client.get(path).text
    client.post(path, data={"do": "resume"})
    assert instance.db.look(lambda tx: wishes.of(tx, 9)).paused_until is None


def test_what_they_open_is_noticed_no_more_until_they_say_so(instance: Instance, client: Client, path: str) -> None:
    assert 'value="unmeasured"' in client.get(path).text
    answer = client.post(path, data={"do": "unmeasured"}, headers={"accept-language": "cs"})
    assert answer.headers["location"].startswith(f"{path}?done=unmeasured")
    client.post(path, data={"do": "unmeasured"})
    assert instance.db.look(lambda tx: wishes.of(tx, 9)).untracked
    events = instance.db.look(lambda tx: tx.rows("SELECT name, properties FROM events"))
    assert [(name, load(said)["tracking"]) for name, said in events] == [("preferences_changed", False)]
    for language in LANGUAGES:
        page = client.get(f"{path}?done=unmeasured&lang={language}").text
        assert 'value="measured"' in page and Words(language)("unmeasured") in page
    client.post(path, data={"do": "measured"})
    assert not instance.db.look(lambda tx: wishes.of(tx, 9)).untracked


def test_leaving_withdraws_from_everything_that_could_be_asked_for(
    instance: Instance, client: Client, path: str
) -> None:
    client.post(path, data={"do": "leave"})
    client.post(path, data={"do": "leave"})
    assert set(states(instance).values()) == {"withdrawn"}
    assert {("email", "marketing"), ("email", "tips"), ("email", "product"), ("sms", "tips")} <= states(instance).keys()
    rows = instance.db.look(lambda tx: tx.value("SELECT count(*) FROM consents"))
    assert rows == len(states(instance)) + 1
    names = instance.db.look(lambda tx: [name for (name,) in tx.rows("SELECT name FROM events")])
    assert names == ["unsubscribed"]


@pytest.mark.parametrize(
    ("channel", "said", "spoken"),
    [
        ("sms", "no more news and offers by text message.", "textovou zprávou"),
        ("push", "no more news and offers as a notification.", "oznámením"),
        ("web_push", "no more news and offers as a notification in the browser.", "oznámením v prohlížeči"),
        ("in_app", "no more news and offers in the app.", "v aplikaci"),
        ("direct_mail", "no more news and offers by post.", "poštou"),
    ],
)
def test_leaving_another_channel_says_which_and_takes_back_that_one_alone(
    instance: Instance, client: Client, channel: str, said: str, spoken: str
) -> None:
    instance.db.write(lambda tx: consents.say(tx, 9, channel, "granted", source="test", now_ms=1, topic="tips"))
    path = f"/u/{Links(instance.secrets.derive('links')).unsubscribe(9, 5, channel).rpartition('/')[2]}"
    assert said in client.get(path).text and spoken in client.get(path, params={"lang": "cs"}).text
    assert states(instance)[channel, "tips"] == "granted"
    assert client.post(path).status_code == 200
    assert states(instance)[channel, "tips"] == "withdrawn" and states(instance)["email", "marketing"] == "granted"
    page = Links(instance.secrets.derive("links")).preferences(9, 5, instance.clock.now_ms() + DAY)
    assert client.get(page).status_code == 200


def test_one_click_takes_back_everything_on_its_channel_and_twice_is_fine(instance: Instance, client: Client) -> None:
    now = instance.clock.now_ms()
    for channel in ("email", "sms"):
        instance.db.write(lambda tx, c=channel: consents.say(tx, 9, c, "granted", source="t", now_ms=now, topic="tips"))
    url = Links(instance.secrets.derive("links")).unsubscribe(9, 5, "email")
    client.get(url)
    client.head(url)
    assert "withdrawn" not in states(instance).values()
    for _ in range(2):
        answer = client.post(url, files={"List-Unsubscribe": (None, "One-Click")})
        assert answer.status_code == 200 and "set-cookie" not in answer.headers
        assert "/p/" in answer.text  # and they are offered to choose instead
    assert {state for (channel, _), state in states(instance).items() if channel == "email"} == {"withdrawn"}
    assert states(instance)["sms", "tips"] == "granted"


def test_a_wish_about_ones_data_is_written_down_once(instance: Instance, client: Client, path: str) -> None:
    for kind in ("export", "erasure", "export"):
        client.post(path, data={"do": kind})
    kinds = [one.kind for one in instance.db.look(requests.listed)]
    assert kinds == ["export", "erasure"]
    assert "You have asked for your data" in client.get(path).text


def test_people_at_their_companies_have_a_page_of_their_own(instance: Instance, client: Client, path: str) -> None:
    assert "email.product" not in client.get(path).text
    instance.db.write(lambda tx: settings.save(tx, "audience", "b2b"))
    page = client.get(path).text
    assert "email.product" in page and "company address" in page
    instance.db.write(lambda tx: tx.run("UPDATE contacts SET properties = ? WHERE id = 9", ('{"audience":"b2c"}',)))
    assert "email.product" not in client.get(path).text


def test_a_link_is_good_for_its_time_and_its_purpose_alone(instance: Instance, client: Client, path: str) -> None:
    links = Links(instance.secrets.derive("links"))
    old = links.preferences(9, 5, instance.clock.now_ms() - 1)
    assert client.get(old).status_code == 410 and client.post(old, data={"do": "leave"}).status_code == 410
    for token in (links.unsubscribe(9, 5, "email"), links.confirm(9, 2**45), path[:-3], "/p/x"):
        assert client.post(f"/p/{token.rpartition('/')[2]}", data={"do": "leave"}).status_code == 404
    assert client.post(path, content=b"do=leave&x=" + b"y" * 20_000).status_code == 413
    assert states(instance) == {("email", "marketing"): "granted"}
    instance.db.write(lambda tx: tx.run("UPDATE contacts SET erased_at = ? WHERE id = 9", (instance.clock.now_ms(),)))
    assert client.get(path).status_code == 404


def test_the_brands_colour_can_be_read_on_light_and_on_dark(instance: Instance, client: Client) -> None:
    for color in ("#ffee00", "#000000", "#ffffff", "#2f6b4f", "#808080"):
        css = public.brand_css(color)
        light, dark = (css.split("--accent: ")[n][:7] for n in (1, 2))
        assert public.contrast(light, public.LIGHT) >= 4.5 and public.contrast(dark, public.DARK) >= 4.5
    assert "text/css" in client.get("/public/brand.css").headers["content-type"]
    instance.db.write(lambda tx: settings.save(tx, "brand_logo", "https://cdn.example.com/logo.png"))
    path = Links(instance.secrets.derive("links")).preferences(9, 5, instance.clock.now_ms() + DAY)
    page = client.get(path)
    assert "img-src 'self' https://cdn.example.com" in page.headers["content-security-policy"]


def test_every_language_says_everything() -> None:
    catalogues = {language: Words(language) for language in LANGUAGES}
    assert set(LANGUAGES) == {"cs", "sk", "en", "de"}
    keys = {language: set(words._said) for language, words in catalogues.items()}
    assert all(found == keys["en"] for found in keys.values())
    assert [catalogues["cs"]("weeks", n=n) for n in (1, 2, 8)] == ["1 týden", "2 týdny", "8 týdnů"]
    assert language_for(None, "", "fr-FR,sk;q=0.4", "en") == "sk"
    assert language_for("xx", "cs", "de", "en") == "cs"


@pytest.mark.parametrize("sent", [{}, {"do": "nonsense"}, {"per_week": "2"}])
def test_a_button_nobody_knows_changes_nothing(
    instance: Instance, client: Client, path: str, sent: dict[str, str]
) -> None:
    answer = client.post(path, data=sent)

    assert answer.status_code == 400 and "nothing was changed" in answer.text
    assert states(instance) == {("email", "marketing"): "granted"}


def test_what_is_no_form_is_refused_in_words(client: Client, path: str) -> None:
    answer = client.post(path, data={f"field{n}": "x" for n in range(500)})
    assert answer.status_code == 400 and "<h1>" in answer.text


def test_somebody_known_by_a_number_alone_reads_whose_page_it_is(instance: Instance, client: Client, path: str) -> None:
    instance.db.write(lambda tx: tx.run("UPDATE contacts SET email = NULL, phone = '+420601999888' WHERE id = 9"))
    assert "For +420601999888." in client.get(path).text
    instance.db.write(lambda tx: tx.run("UPDATE contacts SET phone = NULL WHERE id = 9"))
    assert "For ." not in client.get(path).text
