"""What Twilio's error codes mean for a text, and in our words."""

from __future__ import annotations

from collections.abc import Mapping

HARD, SOFT, LATER, OURS, LEFT = "hard", "soft", "later", "ours", "left"
# https://www.twilio.com/docs/api/errors
CODES: Mapping[int, tuple[str, str]] = {
    14107: (LATER, "too many texts at a time"),
    20003: (OURS, "the account and its token do not fit together"),
    20005: (OURS, "the account is closed or suspended"),
    20429: (LATER, "too many requests at a time"),
    20500: (LATER, "a fault at the carrier"),
    21211: (HARD, "the number does not exist"),
    21212: (OURS, "the sender is no valid number"),
    21217: (HARD, "the number does not exist"),
    21265: (SOFT, "a short number cannot be sent a text from here"),
    21266: (SOFT, "the number is the sender's own"),
    21408: (SOFT, "the account may not write to this country"),
    21601: (OURS, "the sender cannot send texts"),
    21602: (SOFT, "the text is empty"),
    21603: (OURS, "no sender is named"),
    21604: (SOFT, "no number is named"),
    21606: (OURS, "the sender does not belong to the account"),
    21608: (SOFT, "a trial account writes to numbers it has verified alone"),
    21610: (LEFT, "the contact told the carrier STOP"),
    21611: (LATER, "the sender has too many texts waiting"),
    21612: (SOFT, "this sender cannot reach the number"),
    21614: (HARD, "the number is not a mobile one"),
    21617: (SOFT, "the text is too long"),
    21659: (OURS, "the sender does not belong to the account"),
    21660: (OURS, "the sender does not belong to the account"),
    21703: (OURS, "the service has no sender"),
    21704: (OURS, "the service has no sender"),
    21705: (OURS, "there is no such service"),
    30001: (LATER, "too many texts are waiting"),
    30002: (OURS, "the account is suspended"),
    30003: (SOFT, "the phone is switched off or out of reach"),
    30004: (SOFT, "the text was blocked"),
    30005: (HARD, "the number does not exist any more"),
    30006: (HARD, "the number is a landline, or its network takes no texts"),
    30007: (SOFT, "the network filtered the text out"),
    30008: (SOFT, "the network does not say why"),
    30022: (LATER, "the sender has used up its allowance"),
    30023: (SOFT, "the day's allowance with this network is used up"),
    30034: (SOFT, "the sender is not registered for this country"),
    30036: (SOFT, "the text was too old when it could have been delivered"),
    30410: (SOFT, "the network did not answer in time"),
    30500: (SOFT, "a fault at the carrier"),
    63038: (LATER, "the day's allowance is used up"),
}
