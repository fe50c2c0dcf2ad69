"""Says where a partition begins and ends, as its leader has it.

usage: begins.py BOOTSTRAP TOPIC
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
            print(*consumer.get_watermark_offsets(TopicPartition(topic, 0), timeout=5))
            return
        except KafkaException:
            if time.monotonic() > deadline:
                raise


main()
