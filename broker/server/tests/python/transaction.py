"""Prints why a producer cannot become a transactional one, and whether it gives up for good.

usage: transaction.py BOOTSTRAP
"""

import sys

from confluent_kafka import KafkaException, Producer


def main():
    producer = Producer({"bootstrap.servers": sys.argv[1], "transactional.id": "t"})
    try:
        producer.init_transactions(60)
        print("transactional")
    except KafkaException as error:
        reason = error.args[0]
        print("fatal" if reason.fatal() else "not fatal", reason.str())


main()
