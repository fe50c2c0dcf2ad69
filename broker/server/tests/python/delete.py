"""Deletes a topic.

usage: delete.py BOOTSTRAP TOPIC
"""

import sys

from confluent_kafka.admin import AdminClient


def main():
    bootstrap, topic = sys.argv[1:3]
    client = AdminClient({"bootstrap.servers": bootstrap})
    client.delete_topics([topic])[topic].result(60)


main()
