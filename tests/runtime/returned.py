"""Mails that came back, in the forms servers write them, and a small IMAP server that has some."""

from __future__ import annotations

import socketserver
import threading
from hashlib import sha256
from typing import Any


def message_id(number: int, to: str, domain: str = "example.com") -> str:
    """As letters of ours carry it."""
    return f"m{number}.{sha256(f'{number}{chr(0)}{to}{chr(0)}{domain}'.encode()).hexdigest()[:20]}@{domain}"


def dsn(to: str, status: str, said: str, *, letter: str = "", action: str = "failed", number: int = 0) -> bytes:
    """A report as RFC 3464 has it."""
    header = f"Message-ID: <{letter}>\n" if letter else ""
    header += f"X-Sojourn-Message: {number}\n" if number else ""
    returned = (
        f"--b\nContent-Type: text/rfc822-headers\n\nFrom: shop@example.com\nTo: {to}\n{header}\n" if header else ""
    )
    return (
        "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example.org\nTo: shop@example.com\nSubject: Undelivered Mail\n"
        "Auto-Submitted: auto-replied\nMIME-Version: 1.0\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"
        f"--b\nContent-Type: text/plain\n\nI could not deliver your message to {to}.\n\n"
        "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.org\n\n"
        f"Final-Recipient: rfc822; {to}\nAction: {action}\nStatus: {status}\nDiagnostic-Code: smtp; {said}\n\n"
        f"{returned}--b--\n"
    ).encode()


def complaint(letter: str, to: str = "", kind: str = "abuse") -> bytes:
    """A complaint as RFC 5965 has it; without ``to`` its recipient is hidden."""
    named = f"Original-Rcpt-To: <{to}>\n" if to else ""
    return (
        "From: feedback@mail.example.org\nTo: shop@example.com\nSubject: Abuse report\nMIME-Version: 1.0\n"
        "Content-Type: multipart/report; report-type=feedback-report; boundary=b\n\n"
        "--b\nContent-Type: text/plain\n\nThis is an abuse report.\n\n"
        f"--b\nContent-Type: message/feedback-report\n\nFeedback-Type: {kind}\nUser-Agent: x/1\nVersion: 1\n{named}\n"
        f"--b\nContent-Type: message/rfc822\n\nFrom: shop@example.com\nTo: {to or 'redacted'}\n"
        f"Message-ID: <{letter}>\nSubject: News\n\nHello\n--b--\n"
    ).encode()


def prose(
    text: str, *, sender: str = "MAILER-DAEMON@mx.example.org", subject: str = "failure notice", more: str = ""
) -> bytes:
    """A report in words alone."""
    return f"From: {sender}\nTo: shop@example.com\nSubject: {subject}\n{more}\n{text}\n".encode()


class Imap:
    """As much of IMAP (RFC 3501) as the mailbox asks for: one folder, numbers from 1."""

    def __init__(self, mails: list[bytes], password: str = "open sesame") -> None:
        self.mails, self.password, self.fetched = mails, password, list[int]()
        imap = self

        class Talk(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                imap.talk(self.rfile, self.wfile)

        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Talk)
        self.server.daemon_threads = True
        self.port: int = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def talk(self, asked: Any, out: Any) -> None:
        out.write(b"* OK ready\r\n")
        for line in asked:
            tag, _, rest = line.decode().strip().partition(" ")
            verb = rest.split()[0].upper()
            done = b"OK done"
            if verb == "CAPABILITY":
                out.write(b"* CAPABILITY IMAP4rev1\r\n")
            elif verb == "LOGIN" and self.password not in rest:
                done = b"NO wrong password"
            elif verb in ("SELECT", "EXAMINE"):
                out.write(b"* %d EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n" % len(self.mails))
            elif "SEARCH" in rest:
                first = int(rest.split()[-1].split(":")[0])
                found = [n for n in range(1, len(self.mails) + 1) if n >= first] or [len(self.mails)]
                out.write(b"* SEARCH " + b" ".join(b"%d" % n for n in found) + b"\r\n")
            elif "FETCH" in rest:
                number = int(rest.split()[2])
                self.fetched.append(number)
                raw = self.mails[number - 1]
                out.write(b"* %d FETCH (UID %d BODY[]<0> {%d}\r\n%s)\r\n" % (number, number, len(raw), raw))
            out.write(tag.encode() + b" " + done + b"\r\n")
            if verb == "LOGOUT":
                return
