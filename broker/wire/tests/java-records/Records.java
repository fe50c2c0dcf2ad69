// Reads record batches, and writes some, with the classes of Kafka's clients.
//
// In: a file of batches. Out: a file that says what is in each, then batches of its own and what is
// in those. All lengths are 32 bits, big-endian; -1 is null.

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Random;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MemoryRecordsBuilder;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;

public class Records {
    public static void main(String[] arguments) throws Exception {
        try (var in = new DataInputStream(new FileInputStream(arguments[0]));
             var out = new DataOutputStream(new FileOutputStream(arguments[1]))) {
            int count = in.readInt();
            for (int i = 0; i < count; i++) {
                byte[] batch = new byte[in.readInt()];
                in.readFully(batch);
                write(out, describe(batch));
            }
            Random random = new Random(1);
            byte[][] batches = new byte[100][];
            for (int i = 0; i < batches.length; i++) {
                batches[i] = build(CompressionType.forId(i % 5), i, random);
            }
            out.writeInt(batches.length);
            for (byte[] batch : batches) {
                write(out, batch);
                write(out, describe(batch));
            }
        }
    }

    static byte[] build(CompressionType type, int which, Random random) {
        TimestampType timestamps =
            which % 7 == 3 ? TimestampType.LOG_APPEND_TIME : TimestampType.CREATE_TIME;
        ByteBuffer buffer = ByteBuffer.allocate(1 << 20);
        boolean hasProducer = which % 3 == 0;
        MemoryRecordsBuilder builder = new MemoryRecordsBuilder(
            buffer, RecordBatch.MAGIC_VALUE_V2, Compression.of(type).build(), timestamps,
            1000L * which, 1_700_000_000_000L + which, hasProducer ? 7 : RecordBatch.NO_PRODUCER_ID,
            hasProducer ? (short) 3 : RecordBatch.NO_PRODUCER_EPOCH,
            hasProducer ? Integer.MAX_VALUE - 1 : RecordBatch.NO_SEQUENCE, hasProducer, false,
            which, 1 << 20);
        int records = 1 + random.nextInt(which < 50 ? 3 : 400);
        for (int i = 0; i < records; i++) {
            Header[] headers = new Header[random.nextInt(3)];
            for (int j = 0; j < headers.length; j++) {
                headers[j] = new RecordHeader("header-" + j, bytes(random, 20));
            }
            long timestamp = 1_700_000_000_000L + random.nextInt(100_000) - 50_000;
            builder.append(timestamp, bytes(random, 40), bytes(random, 1000), headers);
        }
        MemoryRecords built = builder.build();
        byte[] batch = new byte[built.sizeInBytes()];
        built.buffer().get(batch);
        return batch;
    }

    /** Null, or bytes of which half compress well and half not at all. */
    static byte[] bytes(Random random, int lengthMax) {
        if (random.nextInt(8) == 0) {
            return null;
        }
        byte[] bytes = new byte[random.nextInt(lengthMax)];
        if (random.nextBoolean()) {
            random.nextBytes(bytes);
        }
        return bytes;
    }

    static byte[] describe(byte[] bytes) throws IOException {
        ByteArrayOutputStream buffer = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(buffer);
        for (RecordBatch batch : MemoryRecords.readableRecords(ByteBuffer.wrap(bytes)).batches()) {
            batch.ensureValid();
            out.writeLong(batch.baseOffset());
            out.writeLong(batch.lastOffset());
            out.writeInt(batch.partitionLeaderEpoch());
            out.writeByte(batch.compressionType().id);
            out.writeByte(batch.timestampType().id);
            out.writeBoolean(batch.isTransactional());
            out.writeBoolean(batch.isControlBatch());
            out.writeLong(batch.maxTimestamp());
            out.writeLong(batch.producerId());
            out.writeShort(batch.producerEpoch());
            out.writeInt(batch.baseSequence());
            out.writeInt(batch.lastSequence());
            out.writeInt(batch.countOrNull());
            for (Record record : batch) {
                out.writeLong(record.offset());
                out.writeLong(record.timestamp());
                write(out, array(record.key()));
                write(out, array(record.value()));
                out.writeInt(record.headers().length);
                for (Header header : record.headers()) {
                    write(out, header.key().getBytes("UTF-8"));
                    write(out, header.value());
                }
            }
        }
        return buffer.toByteArray();
    }

    static byte[] array(ByteBuffer buffer) {
        if (buffer == null) {
            return null;
        }
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }

    static void write(DataOutputStream out, byte[] bytes) throws IOException {
        out.writeInt(bytes == null ? -1 : bytes.length);
        if (bytes != null) {
            out.write(bytes);
        }
    }
}
