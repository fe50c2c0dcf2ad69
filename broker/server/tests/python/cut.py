"""Deletes the records below an offset, then says where the log begins and who leads it.

usage: cut.py BOOTSTRAP TOPIC OFFSET
"""

import sys

from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient


def main():
    bootstrap, topic, offset = sys.argv[1:4]
    client = AdminClient({"bootstrap.servers": bootstrap})
    partition = TopicPartition(topic, 0, int(offset))
    deleted = client.delete_records([partition], operation_timeout=20)
    low_watermark = deleted[partition].result(30).low_watermark
    leader = client.list_topics(topic, timeout=20).topics[topic].partitions[0].leader
    print(low_watermark, leader)


main()
