"""Prints the ids of the controller and of a group's coordinator, or nothing while one is unknown.

usage: where.py BOOTSTRAP GROUP
"""

import sys

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient


def main():
    bootstrap, group = sys.argv[1:3]
    client = AdminClient({"bootstrap.servers": bootstrap, "socket.timeout.ms": 5000})
    try:
        controller = client.describe_cluster(request_timeout=5).result(10).controller
        described = client.describe_consumer_groups([group], request_timeout=5)
        coordinator = described[group].result(10).coordinator
    except KafkaException:
        return
    if controller is not None and coordinator is not None:
        print(controller.id, coordinator.id)


main()
