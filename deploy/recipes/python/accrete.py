#!/usr/bin/env python3
"""Accrete from Python, with the standard library alone (3.9 or newer).

    accrete.py follow FILE            keeps the embeddings of all objects in FILE and prints what changes, until Ctrl-C
    accrete.py nearest FILE OBJECT    the objects nearest to one, by exact search in FILE
    accrete.py add OBJECT PHOTO       adds a photo to an object, and waits until its embedding reflects it
    accrete.py search PHOTO           the objects nearest to a photo, as the application finds them

ACCRETE_URL says where it is (http://127.0.0.1:8080), ACCRETE_TOKEN is sent where tokens are asked for.
"""
import http.client
import json
import operator
import os
import signal
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid

URL = os.environ.get("ACCRETE_URL", "http://127.0.0.1:8080").rstrip("/")
TOKEN = os.environ.get("ACCRETE_TOKEN")
SILENCE = 60  # seconds; the stream says something at least every 15


def ask(path, data=None, headers=(), timeout=SILENCE):
    """The answer to GET or, with data, POST. Raises OSError with what the application says, or because it does not answer."""
    request = urllib.request.Request(URL + path, data, dict(headers))
    if TOKEN:
        request.add_header("Authorization", "Bearer " + TOKEN)
    try:
        return urllib.request.urlopen(request, timeout=timeout)
    except urllib.error.HTTPError as error:
        with error:
            problem = json.load(error) if "json" in error.headers.get("Content-Type", "") else {}
        raise urllib.error.HTTPError(error.url, error.code, problem.get("detail", error.reason), error.headers, None) from None


def events(place=None):
    """What the stream sends, as (type, data, place), until it ends; place is where to go on. What is silent otherwise has type None."""
    headers = {"Accept": "text/event-stream"}
    if place:
        headers["Last-Event-ID"] = place
    kind, data = "message", None
    with ask("/v1/embeddings/stream?from=beginning", headers=headers) as lines:
        for line in lines:
            field, _, value = line.decode().rstrip("\r\n").partition(":")
            value = value[1:] if value.startswith(" ") else value
            if field == "id":
                place = value
            elif field == "event":
                kind = value
            elif field == "data":
                data = value
            elif not field and not value:  # an empty line ends an event
                yield (None, None, place) if data is None else (kind, json.loads(data), place)
                kind, data = "message", None


class Embeddings:
    """The current embedding of every object, in a file together with the place in the stream, so that nothing is missed or kept twice."""

    def __init__(self, file):
        self.file, self.place, self.version, self.vectors, self.complete = file, None, None, {}, False
        if os.path.exists(file):
            with open(file, encoding="utf-8") as saved:
                self.place, self.version, self.vectors, self.complete = json.load(saved)

    def save(self):
        with open(self.file + ".new", "w", encoding="utf-8") as new:
            json.dump([self.place, self.version, self.vectors, self.complete], new)
            new.flush()
            os.fsync(new.fileno())
        os.replace(self.file + ".new", self.file)  # a kill leaves the old file or the new one

    def take(self, kind, data, place):
        if kind == "space":  # vectors of two model versions have nothing to do with each other
            self.version = data["modelVersion"]
            if data["reset"]:
                self.vectors, self.complete = {}, False
        elif kind == "embedding":
            self.vectors[data["objectId"]] = data["embedding"]
        elif kind == "gone":
            self.vectors.pop(data["objectId"], None)
        elif kind == "caught-up":
            self.complete = True
        self.place = place

    def follow(self, changed=lambda kind, data: None):
        """Goes on for ever; saves now and then, and at the end."""
        saved, pause = time.monotonic(), 1
        try:
            while True:
                try:
                    for kind, data, place in events(self.place):
                        self.take(kind, data, place)
                        if kind:
                            changed(kind, data)
                        if kind == "caught-up" or time.monotonic() - saved > 10:
                            self.save()
                            saved = time.monotonic()
                        pause = 1
                except urllib.error.HTTPError as error:
                    if error.code not in (429, 500, 502, 503, 504):
                        raise
                except (OSError, http.client.HTTPException):
                    pass  # not there now, or we were too slow: goes on where it was
                time.sleep(pause)
                pause = min(2 * pause, 30)
        finally:
            self.save()

    def nearest(self, object_id, k=10):
        """Exact search: vectors have unit length, so their inner product says how alike they are."""
        if object_id not in self.vectors:
            raise LookupError(f"there is no object '{object_id}' in {self.file}")
        query = self.vectors[object_id]
        scores = ((sum(map(operator.mul, query, vector)), other) for other, vector in self.vectors.items() if other != object_id)
        return sorted(scores, reverse=True)[:k]


def add(object_id, photo, wait=30):
    """Adds a photo; returns what became of it."""
    with open(photo, "rb") as file:
        content = file.read()
    mark = uuid.uuid4().hex
    name = urllib.parse.quote(os.path.basename(photo))  # is the image's id: the same photo under the same name changes nothing
    body = (f'--{mark}\r\nContent-Disposition: form-data; name="imageId"\r\n\r\n{name}\r\n'
            f'--{mark}\r\nContent-Disposition: form-data; name="image"; filename="{name}"\r\n'
            f'Content-Type: application/octet-stream\r\n\r\n').encode() + content + f"\r\n--{mark}--\r\n".encode()
    path = f"/v1/objects/{urllib.parse.quote(object_id, safe='')}/images?wait={wait}"
    with ask(path, body, {"Content-Type": f"multipart/form-data; boundary={mark}"}, timeout=wait + SILENCE) as answer:
        return json.load(answer)


def search(photo, k=10):
    """The objects nearest to a photo, in all instances."""
    with open(photo, "rb") as file:
        content = file.read()
    with ask(f"/v1/similar?k={k}", content, {"Content-Type": "image/*"}) as answer:
        return json.load(answer)["neighbours"]


def main(command=None, *arguments):
    if command == "follow" and len(arguments) == 1:
        def show(kind, data):
            print(*filter(None, (kind, data.get("objectId") or data.get("modelVersion"), data.get("imageCount"))), flush=True)

        Embeddings(arguments[0]).follow(show)
    elif command == "nearest" and len(arguments) == 2:
        for score, object_id in Embeddings(arguments[0]).nearest(arguments[1]):
            print(f"{score:.4f}  {object_id}")
    elif command == "add" and len(arguments) == 2:
        written = add(*arguments)
        print(written["outcome"], written["objectId"], written["imageId"])
    elif command == "search" and len(arguments) == 1:
        for neighbour in search(*arguments):
            print(f"{neighbour['score']:.4f}  {neighbour['objectId']}")
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    for end in (signal.SIGINT, signal.SIGTERM):  # also where whoever started it had the first ignored
        signal.signal(end, signal.default_int_handler)
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        pass
    except (OSError, LookupError) as error:
        sys.exit(f"Failed: {error}")
