#!/usr/bin/env python3
"""delay.py PORT MILLISECONDS SOCKET: a way to a server's Unix socket that takes so long there and so long back, for bench/scale."""
import asyncio
import sys

PORT, DELAY, SOCKET = int(sys.argv[1]), float(sys.argv[2]) / 1000, sys.argv[3]


async def pump(reader, writer):
    """Each piece arrives when its time has come, however many are under way."""
    loop = asyncio.get_running_loop()
    queue = asyncio.Queue()

    async def deliver():
        while True:
            due, data = await queue.get()
            await asyncio.sleep(max(0, due - loop.time()))
            if not data:
                writer.close()
                return
            writer.write(data)

    task = loop.create_task(deliver())
    try:
        while data := await reader.read(65536):
            queue.put_nowait((loop.time() + DELAY, data))
    except ConnectionError:
        pass
    queue.put_nowait((loop.time() + DELAY, b""))
    await asyncio.gather(task, return_exceptions=True)


async def serve(reader, writer):
    there, back = await asyncio.open_unix_connection(SOCKET)
    await asyncio.gather(pump(reader, back), pump(there, writer))


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", PORT)
    async with server:
        await server.serve_forever()


asyncio.run(main())
