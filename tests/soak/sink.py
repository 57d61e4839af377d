"""A mail server that never dies: writes down the number of each letter before it answers 250."""

from __future__ import annotations

import asyncio
import random
import sys
from pathlib import Path


async def serve(port_file: Path, log_file: Path) -> None:
    log = log_file.open("ab", buffering=0)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            writer.write(b"220 sink\r\n")
            while line := await reader.readline():
                word = line[:4].upper().strip()
                if word == b"EHLO":
                    writer.write(b"250-sink\r\n250 8BITMIME\r\n")
                elif word == b"DATA":
                    writer.write(b"354 go\r\n")
                    number = b"?"
                    while (line := await reader.readline()) != b".\r\n":
                        if not line:
                            return
                        if line.lower().startswith(b"x-sojourn-message:"):
                            number = line.split(b":", 1)[1].strip()
                    log.write(number + b"\n")
                    await asyncio.sleep(random.random() * 0.003)
                    writer.write(b"250 taken\r\n")
                elif word == b"QUIT":
                    writer.write(b"221 bye\r\n")
                    return
                else:
                    writer.write(b"250 ok\r\n")
        except (ConnectionError, OSError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    port_file.write_text(str(server.sockets[0].getsockname()[1]))
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), Path(sys.argv[2])))
