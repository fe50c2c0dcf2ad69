"""Produces numbered records with idempotence and acks=all, and prints how each ended.

usage: produce.py BOOTSTRAP TOPIC PRODUCER COUNT RATE
COUNT may be `-`: records until the standard input ends. Each record has key "<producer>-<n % 10>" and value "<producer>#<n>". Prints, as they end,
`ok PARTITION OFFSET N MS` (milliseconds since the start) or `failed N`; last `done`.
"""

import itertools
import sys
import threading
import time

from confluent_kafka import Producer


def main():
    bootstrap, topic, producer, count, rate = sys.argv[1:6]
    rate = float(rate)
    stopped = threading.Event()
    if count == "-":
        numbers = itertools.takewhile(lambda _: not stopped.is_set(), itertools.count())
        threading.Thread(target=lambda: (sys.stdin.read(), stopped.set()), daemon=True).start()
    else:
        numbers = range(int(count))
    client = Producer({
        "bootstrap.servers": bootstrap,
        "enable.idempotence": True,
        "acks": "all",
        "linger.ms": 2,
        "delivery.timeout.ms": 120000,
        "socket.timeout.ms": 5000,
        "reconnect.backoff.ms": 20,
        "reconnect.backoff.max.ms": 200,
        "retry.backoff.ms": 50,
        "topic.metadata.refresh.fast.interval.ms": 50,
    })
    start = time.monotonic()

    def ended(n):
        def report(error, message):
            if error is not None:
                print(f"failed {n} {error}", flush=True)
            else:
                ms = int((time.monotonic() - start) * 1000)
                print(f"ok {message.partition()} {message.offset()} {n} {ms}", flush=True)
        return report

    for n in numbers:
        due = start + n / rate
        while True:
            now = time.monotonic()
            client.poll(max(0.0, min(due - now, 0.1)))
            if time.monotonic() >= due:
                break
        while True:
            try:
                client.produce(topic, key=f"{producer}-{n % 10}", value=f"{producer}#{n}",
                               on_delivery=ended(n))
                break
            except BufferError:
                client.poll(0.1)
    left = client.flush(120)
    print("done" if left == 0 else f"left {left}", flush=True)


main()
