"""Reads a topic from its beginning to its present end, without a group.

usage: consume.py BOOTSTRAP TOPIC
Prints `PARTITION OFFSET KEY VALUE` per record, in the order of each partition.
"""

import sys
import time

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition


def watermarks(client, partition):
    """Where a partition begins and ends; its leader may have been elected this moment."""
    deadline = time.monotonic() + 30
    while True:
        try:
            return client.get_watermark_offsets(partition, timeout=30)
        except KafkaException:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def main():
    bootstrap, topic = sys.argv[1:3]
    client = Consumer({
        "bootstrap.servers": bootstrap,
        "group.id": "unused",
        "enable.auto.commit": False,
        "auto.offset.reset": "error",
        "enable.partition.eof": True,
        "check.crcs": True,
    })
    partitions = client.list_topics(topic, timeout=30).topics[topic].partitions
    ends = {}
    for partition in partitions:
        ends[partition] = watermarks(client, TopicPartition(topic, partition))
    client.assign([TopicPartition(topic, it, low) for it, (low, _) in ends.items()])
    waiting = set(ends)
    while waiting:
        message = client.poll(30)
        if message is None:
            sys.exit(f"nothing came from partitions {sorted(waiting)} for 30 s")
        if message.error() is not None:
            if message.error().code() == KafkaError._PARTITION_EOF:
                waiting.discard(message.partition())
                continue
            sys.exit(str(message.error()))
        print(message.partition(), message.offset(), message.key().decode(),
              message.value().decode())


main()
