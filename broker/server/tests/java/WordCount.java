// The word count of Kafka Streams, at least once: how often each word came in the lines of a topic.
//
// usage: java WordCount.java BOOTSTRAP APPLICATION LINES COUNTS STATE_DIR
// The counts are text, keyed by the word. Prints `running` each time it begins to run, `restored STORE
// PARTITION RECORDS` for each store that it fills from its changelog, and `closed` after it was closed
// in good order, which it is when its standard input ends. An error that a stream thread does not
// survive ends it with status 1.

import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.processor.StateRestoreListener;

public class WordCount {
    public static void main(String[] arguments) throws Exception {
        var config = config(arguments[0], arguments[1], arguments[4]);
        var streams = new KafkaStreams(topology(arguments[2], arguments[3]), config);
        streams.setStateListener((now, before) -> {
            if (now == KafkaStreams.State.RUNNING) {
                say("running");
            }
        });
        streams.setGlobalStateRestoreListener(new Restored());
        streams.setUncaughtExceptionHandler(error -> {
            error.printStackTrace();
            Runtime.getRuntime().halt(1);
            return null;
        });
        streams.start();
        while (System.in.read() >= 0) {}
        // Else the next one waits until the session of this one is over.
        var leave = CloseOptions.GroupMembershipOperation.LEAVE_GROUP;
        var options = CloseOptions.timeout(Duration.ofSeconds(60)).withGroupMembershipOperation(leave);
        say(streams.close(options) ? "closed" : "not closed in time");
    }

    static Topology topology(String lines, String counts) {
        var builder = new StreamsBuilder();
        builder.<String, String>stream(lines)
            .flatMapValues(line -> Arrays.asList(line.toLowerCase(Locale.ROOT).split("[^a-z]+")))
            .filter((key, word) -> !word.isEmpty())
            .groupBy((key, word) -> word, Grouped.as("words"))
            .count(Materialized.as("counts"))
            .toStream()
            .mapValues(count -> Long.toString(count))
            .to(counts);
        return builder.build();
    }

    static Properties config(String bootstrap, String application, String stateDir) {
        var config = new Properties();
        config.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap);
        config.put(StreamsConfig.APPLICATION_ID_CONFIG, application);
        config.put(StreamsConfig.STATE_DIR_CONFIG, stateDir);
        config.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.AT_LEAST_ONCE);
        config.put(StreamsConfig.DEFAULT_KEY_SERDE_CLASS_CONFIG, Serdes.StringSerde.class);
        config.put(StreamsConfig.DEFAULT_VALUE_SERDE_CLASS_CONFIG, Serdes.StringSerde.class);
        config.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 2);
        config.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, 3);
        // Each count is a record of its own, of the changelog and of what comes out.
        config.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 0);
        config.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 200);
        config.put(StreamsConfig.REPARTITION_PURGE_INTERVAL_MS_CONFIG, 500);
        config.put(StreamsConfig.consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
        config.put(StreamsConfig.producerPrefix(ProducerConfig.ACKS_CONFIG), "all");
        config.put(StreamsConfig.producerPrefix(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG), true);
        config.put(StreamsConfig.topicPrefix(TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG), "2");
        config.put(StreamsConfig.topicPrefix(TopicConfig.SEGMENT_MS_CONFIG), "300");
        config.put(StreamsConfig.topicPrefix(TopicConfig.MIN_CLEANABLE_DIRTY_RATIO_CONFIG), "0.1");
        return config;
    }

    static synchronized void say(String line) {
        System.out.println(line);
        System.out.flush();
    }

    static class Restored implements StateRestoreListener {
        @Override
        public void onRestoreStart(TopicPartition of, String store, long start, long end) {}

        @Override
        public void onBatchRestored(TopicPartition of, String store, long end, long records) {}

        @Override
        public void onRestoreEnd(TopicPartition of, String store, long records) {
            say("restored " + store + " " + of.partition() + " " + records);
        }
    }
}
