"""Makes assets/checks/mail_clients.json from caniemail's data.json: what each mail program does not show now."""

import json
import sys
from pathlib import Path

TARGET = Path(__file__).parent.parent / "assets" / "checks" / "mail_clients.json"
VERDICTS = {"n": "no", "a": "partly"}


def compact(data: dict) -> dict:
    """Features with the programs that do not show them, or only partly; what is supported is left out."""
    names = {**data["nicenames"]["family"], "laposte": "LaPoste.net"}
    platforms = data["nicenames"]["platform"]
    clients, features = {}, {}
    for feature in data["data"]:
        found = {"title": feature["title"]}
        for family, by_platform in feature["stats"].items():
            for platform, versions in by_platform.items():
                client = f"{family}.{platform}"
                clients[client] = f"{names.get(family, family)} ({platforms.get(platform, platform)})"
                verdict = VERDICTS.get(list(versions.values())[-1][:1]) if versions else None
                if verdict:
                    found.setdefault(verdict, []).append(client)
        if len(found) > 1:
            features[feature["slug"]] = {
                key: sorted(value) if key != "title" else value for key, value in found.items()
            }
    return {
        "source": "https://www.caniemail.com, MIT License, Copyright (c) 2019 HTeuMeuLeu: see mail_clients.LICENSE",
        "updated": data["last_update_date"][:10],
        "clients": dict(sorted(clients.items())),
        "features": dict(sorted(features.items())),
    }


if __name__ == "__main__":
    made = compact(json.loads(Path(sys.argv[1]).read_text("utf-8")))
    lines = [f'"{key}": {json.dumps(made[key], ensure_ascii=False)}' for key in ("source", "updated")]
    for part in ("clients", "features"):
        inner = (f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}" for key, value in made[part].items())
        lines.append(f'"{part}": {{\n' + ",\n".join(inner) + "\n}")
    TARGET.write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")
