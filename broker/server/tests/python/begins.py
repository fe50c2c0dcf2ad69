"""Says where each partition of a topic begins and ends, as its leader has it.

usage: begins.py BOOTSTRAP TOPIC
Prints `BEGIN END` per partition, in their order.
"""

import sys
import time

from confluent_kafka import Consumer, KafkaException, TopicPartition

WITHIN = 60


def main():
    bootstrap, topic = sys.argv[1:3]
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "nobody"})
    deadline = time.monotonic() + WITHIN
    while True:
        try:
            partitions = sorted(consumer.list_topics(topic, timeout=5).topics[topic].partitions)
            found = [consumer.get_watermark_offsets(TopicPartition(topic, it), timeout=5)
                     for it in partitions]
            break
        except KafkaException:
            if time.monotonic() > deadline:
                raise
    for begin, end in found:
        print(begin, end)


main()
