"""Counts the records that a topic has up to where it ends now. More may be written meanwhile.

usage: left.py BOOTSTRAP TOPIC
"""

import sys
import time

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, TopicPartition

WITHIN = 60


def main():
    bootstrap, topic = sys.argv[1:3]
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "nobody",
                         "enable.auto.commit": False, "enable.partition.eof": True})
    partitions = consumer.list_topics(topic, timeout=WITHIN).topics[topic].partitions
    ends = {it: consumer.get_watermark_offsets(TopicPartition(topic, it), timeout=WITHIN)[1]
            for it in partitions}
    unread = {it for it, end in ends.items() if 0 < end}
    consumer.assign([TopicPartition(topic, it, OFFSET_BEGINNING) for it in unread])
    deadline = time.monotonic() + WITHIN
    n_left = 0
    while unread:
        if time.monotonic() > deadline:
            sys.exit(f"{topic}: {sorted(unread)} are not read up to {ends} within {WITHIN} s")
        message = consumer.poll(1)
        if message is None:
            continue
        error, partition, offset = message.error(), message.partition(), message.offset()
        if error is None:
            n_left += offset < ends[partition]
            next_offset = offset + 1
        elif error.code() == KafkaError._PARTITION_EOF:
            next_offset = offset
        else:
            raise KafkaException(error)
        if ends[partition] <= next_offset:
            unread.discard(partition)
    print(n_left)


main()
