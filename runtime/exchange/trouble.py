"""Why the other side was not reached, in words: what the system says of a connection, without its numbers."""

from __future__ import annotations

import errno
import re
import ssl

NUMBER = re.compile(r"\[Errno (-?\d+)\]")  # also in the words of whoever wrapped it
HUNG_UP = "it closed the connection; see whether it expects TLS, and on which port"
NO_WAY = "there is no way to it from here; look at the network and the firewall"
SAID = {
    errno.ECONNREFUSED: "nothing listens there; see that it runs, and that host and port are right",
    errno.ECONNRESET: HUNG_UP,
    errno.ECONNABORTED: HUNG_UP,
    errno.EPIPE: HUNG_UP,
    errno.EHOSTUNREACH: NO_WAY,
    errno.ENETUNREACH: NO_WAY,
    errno.EACCES: NO_WAY,
    errno.EPERM: NO_WAY,
    errno.ETIMEDOUT: "it does not answer; see that host and port are right, and that no firewall stands between",
    -2: "there is no host of this name",
    -3: "the name of the host cannot be looked up now; look at the network",
    -5: "there is no host of this name",
}


def in_words(error: BaseException) -> str:
    """The end of a sentence that says what is wrong, without a full stop."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate cannot be trusted ({error.verify_message.rstrip('.')})"
    text = str(error)
    if "CERTIFICATE_VERIFY_FAILED" in text:
        why = text.partition("verify failed: ")[2].partition(" (_ssl")[0]
        return f"its certificate cannot be trusted ({why})" if why else "its certificate cannot be trusted"
    if isinstance(error, ssl.SSLError) or "[SSL" in text:
        return "it does not speak TLS as it was asked to; see whether the port is the one for TLS"
    number = NUMBER.search(text)
    return SAID.get(int(number[1]) if number else 0) or NUMBER.sub("", text)[:200].strip(" .") or type(error).__name__
