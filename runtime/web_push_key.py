"""The key browsers subscribe with: the public half of the web push account's own."""

from __future__ import annotations

from collections.abc import Callable

from ..storage import accounts
from ..storage.columns import load
from ..storage.database import Tx
from .exchange import sealed_push
from .pushable import WEB_PUSH


def public(tx: Tx, unseal: Callable[[str], str]) -> str:
    """The public key of the first web push account that is on, or nothing."""
    on = [account for account in accounts.everyone(tx, [WEB_PUSH]) if account.status == "on" and account.sealed]
    if not on:
        return ""
    return sealed_push.public_text(sealed_push.private_key(load(unseal(on[0].sealed))["private_key"]))
