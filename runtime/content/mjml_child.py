"""Runs as a process of its own: MJML in, HTML out. The Rust engine crashes on some input, and may take only this."""

import resource
import struct
import sys

import mjml

MEMORY = 1 << 30
UBUNTU = "Ubuntu"
PLAIN = "Helvetica, Arial, sans-serif"
STACK = f"{UBUNTU}, {PLAIN}"  # what MJML writes in where the author names no font


def main() -> None:
    """Answer length-prefixed requests until the pipe is closed: ``+`` and HTML, or ``-`` and what is wrong."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    source, answer = sys.stdin.buffer, sys.stdout.buffer
    while header := source.read(4):
        text = source.read(struct.unpack(">I", header)[0]).decode()
        try:
            page = mjml.mjml2html(text, fonts={})  # opening a letter must tell no font server of it
            reply = b"+" + (page if UBUNTU in text else page.replace(STACK, PLAIN)).encode()
        except Exception as error:
            reply = b"-" + str(error).encode()
        answer.write(struct.pack(">I", len(reply)) + reply)
        answer.flush()


if __name__ == "__main__":
    main()
