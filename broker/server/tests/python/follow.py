"""One member of a group that reads a topic, commits as it goes, and prints what it reads.

usage: follow.py BOOTSTRAP TOPIC GROUP COUNT
Prints `PARTITION OFFSET KEY VALUE` per record, until COUNT different records were read. What was
read after the last commit comes again when the group was moved; that is what groups promise.
"""

import sys

from confluent_kafka import Consumer, KafkaException


def main():
    bootstrap, topic, group, count = sys.argv[1:5]
    client = Consumer({
        "bootstrap.servers": bootstrap,
        "group.id": group,
        "auto.offset.reset": "earliest",
        "enable.auto.commit": False,
        "session.timeout.ms": 6000,
        "heartbeat.interval.ms": 500,
        "socket.timeout.ms": 5000,
        "reconnect.backoff.ms": 20,
        "reconnect.backoff.max.ms": 200,
        "topic.metadata.refresh.interval.ms": 2000,
    })
    client.subscribe([topic])
    seen = set()
    while len(seen) < int(count):
        messages = client.consume(500, 0.2)
        good = [it for it in messages if it.error() is None]
        for it in good:
            seen.add((it.partition(), it.offset()))
            print(it.partition(), it.offset(), it.key().decode(), it.value().decode(), flush=True)
        if good:
            try:
                client.commit(asynchronous=False)
            except KafkaException as error:
                # The coordinator is gone for a moment; the next commit holds this one too.
                print(f"not committed: {error}", file=sys.stderr)
    print("done", flush=True)
    client.close()


main()
