"""Creates a topic and waits until each of its partitions has a leader and a full ISR.

usage: create.py BOOTSTRAP TOPIC PARTITIONS REPLICAS [NAME=VALUE ...]
"""

import sys
import time

from confluent_kafka.admin import AdminClient, NewTopic


def main():
    bootstrap, topic, partitions, replicas = sys.argv[1:5]
    partitions, replicas = int(partitions), int(replicas)
    client = AdminClient({"bootstrap.servers": bootstrap})
    configs = dict(it.split("=", 1) for it in sys.argv[5:])
    wanted = NewTopic(topic, partitions, replicas, config=configs)
    client.create_topics([wanted])[topic].result(60)
    deadline = time.monotonic() + 60
    while True:
        found = client.list_topics(topic, timeout=30).topics[topic].partitions
        led = [it for it in found.values() if it.leader >= 0 and len(it.isrs) == replicas]
        if len(led) == partitions:
            return
        if time.monotonic() > deadline:
            sys.exit(f"{topic} has {len(led)} of {partitions} partitions in order after 60 s")


main()
