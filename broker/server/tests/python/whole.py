"""Waits until each partition of a topic has a leader and a full ISR.

usage: whole.py BOOTSTRAP TOPIC REPLICAS
"""

import sys
import time

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient


def main():
    bootstrap, topic, replicas = sys.argv[1:4]
    client = AdminClient({
        "bootstrap.servers": bootstrap,
        "reconnect.backoff.ms": 20,
        "reconnect.backoff.max.ms": 200,
    })
    deadline = time.monotonic() + 60
    found = []
    while True:
        try:
            found = client.list_topics(topic, timeout=30).topics[topic].partitions.values()
        except KafkaException:
            pass  # The broker that was asked is down.
        if found and all(it.leader >= 0 and len(it.isrs) == int(replicas) for it in found):
            return
        if time.monotonic() > deadline:
            sys.exit(f"{topic} is not whole after 60 s: {[(it.id, it.leader, it.isrs) for it in found]}")
        time.sleep(0.05)


main()
