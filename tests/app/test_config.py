"""Configuration from environment and file, and what is said when it is wrong."""

from pathlib import Path

import pytest

from sojourn.app.config import ConfigProblem, load, masked


def test_the_environment_wins_over_the_file_and_an_option_over_both(tmp_path: Path) -> None:
    (tmp_path / "sojourn.toml").write_text('port = 1000\nhost = "::1"\nsenders = 2\n')
    config = load(tmp_path, {"SOJOURN_PORT": "2000", "SOJOURN_SENDERS": "3"}, senders=9)
    assert (config.port, config.host, config.senders) == (2000, "::1", 9)
    assert config.address == "http://[::1]:2000"
    assert config.database_url == f"sqlite:///{tmp_path}/sojourn.db"


@pytest.mark.parametrize(
    ("file", "environ", "said"),
    [
        ("prot = 1", {}, "did you mean `port`"),
        ("", {"SOJOURN_SMPT_URL": "smtp://x"}, "did you mean `SOJOURN_SMTP_URL`"),
        ("", {"SOJOURN_PORT": "99999"}, "SOJOURN_PORT"),
        ('database = "mysql://u:geheim@h/x"', {}, "postgresql://"),
        ('smtp_url = "http://u:geheim@h"', {}, "smtp://user"),
        ('base_url = "https://a.example.com/path"', {}, "without a path"),
        ('home = "/"', {}, "SOJOURN_HOME"),
        ("port = ", {}, "cannot be read as TOML"),
        ("private_hosts = true", {}, "has to be a list"),
    ],
)
def test_a_mistake_is_a_sentence_that_helps(tmp_path: Path, file: str, environ: dict[str, str], said: str) -> None:
    (tmp_path / "sojourn.toml").write_text(file)
    with pytest.raises(ConfigProblem) as problem:
        load(tmp_path, environ)
    assert said in str(problem.value)
    assert "geheim" not in str(problem.value)


def test_variables_of_others_do_not_disturb(tmp_path: Path) -> None:
    load(tmp_path, {"SOJOURN_HOME": "x", "SOJOURN_FAIL_POINT": "", "SOJOURN_SERVICE_ACCOUNT": "x"})


def test_passwords_are_masked() -> None:
    assert masked("smtp://ann:geheim@mail.example.com:587") == "smtp://ann:****@mail.example.com:587"
    assert masked("postgresql:///name") == "postgresql:///name"
