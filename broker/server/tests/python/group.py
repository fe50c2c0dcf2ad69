"""Two members share six partitions; one leaves, the other takes all. For each assignor.

usage: group.py BOOTSTRAP TOPIC ASSIGNOR
"""

import sys
import time

from confluent_kafka import Consumer


def main():
    bootstrap, topic, assignor = sys.argv[1:4]
    assigned = [set(), set()]

    def member(index):
        client = Consumer({
            "bootstrap.servers": bootstrap,
            "group.id": f"group-{assignor}",
            "partition.assignment.strategy": assignor,
            "auto.offset.reset": "earliest",
            "session.timeout.ms": 6000,
            "heartbeat.interval.ms": 500,
        })
        is_cooperative = "cooperative" in assignor

        def on_assign(consumer, partitions):
            numbers = {it.partition for it in partitions}
            assigned[index] = assigned[index] | numbers if is_cooperative else numbers
            if is_cooperative:
                consumer.incremental_assign(partitions)
            else:
                consumer.assign(partitions)

        def on_revoke(consumer, partitions):
            assigned[index] -= {it.partition for it in partitions}
            if is_cooperative:
                consumer.incremental_unassign(partitions)
            else:
                consumer.unassign()

        client.subscribe([topic], on_assign=on_assign, on_revoke=on_revoke, on_lost=on_revoke)
        return client

    def poll_until(clients, condition, what):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            for client in clients:
                client.poll(0.1)
            if condition():
                return
        sys.exit(f"{what}: {assigned}")

    first, second = member(0), member(1)
    everything = set(range(6))
    poll_until(
        [first, second],
        lambda: len(assigned[0]) == 3 and len(assigned[1]) == 3
        and assigned[0] | assigned[1] == everything,
        "two members did not share six partitions",
    )
    second.close()
    poll_until([first], lambda: assigned[0] == everything, "the last member did not take all")
    first.close()
    print("shared")


main()
