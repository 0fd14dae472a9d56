"""jpg/image.cgi and mjpg/video.cgi: one picture, or one after the other."""

import asyncio
from itertools import count
from typing import Final

from aiohttp import web

from simulator.call import Call, dressed, html_answer
from simulator.live import BadPicture, Wish, picture, read_wish
from simulator.settings import Role

BOUNDARY: Final = "myboundary"
NOT_KEPT: Final = {"Cache-Control": "no-cache, no-store, max-age=0", "Pragma": "no-cache"}


async def answer_image(call: Call) -> web.Response:
    call.require(Role.VIEWER)
    try:
        wish = read_wish(call.camera, await call.arguments())
    except BadPicture as problem:
        return _refused(problem)
    jpeg = await picture(call.camera, wish)
    return web.Response(body=jpeg, content_type="image/jpeg", headers=NOT_KEPT)


async def answer_video(call: Call) -> web.StreamResponse:
    """Until the client leaves, the camera goes down, or as much was sent as was asked for."""
    call.require(Role.VIEWER)
    try:
        wish = read_wish(call.camera, await call.arguments())
    except BadPicture as problem:
        return _refused(problem)
    headers = {"Content-Type": f"multipart/x-mixed-replace; boundary={BOUNDARY}", **NOT_KEPT}
    response = dressed(web.StreamResponse(headers=headers), call.camera.version)
    response.force_close()
    await response.prepare(call.request)
    call.camera.counters.streams += 1
    await _send(call, response, wish)
    return response


async def _send(call: Call, response: web.StreamResponse, wish: Wish) -> None:
    loop = asyncio.get_running_loop()
    began = loop.time()
    for number in count(1):
        jpeg = await picture(call.camera, wish)
        head = f"--{BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
        await response.write(head.encode() + jpeg + b"\r\n")
        limit = call.camera.faults.stream_breaks_after
        if limit is not None and number >= limit:
            call.hang_up()
            return
        if number == wish.frames:
            return
        due = began + number / wish.fps
        if wish.seconds is not None and due >= began + wish.seconds:
            return
        # A picture that comes late is not made up for.
        began += max(loop.time() - due, 0.0)
        await asyncio.sleep(max(due - loop.time(), 0.0))


def _refused(problem: BadPicture) -> web.Response:
    return html_answer("400 Bad Request", f"Error: {problem}", status=400)
