import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.apache.kafka.common.message.ApiMessageType.ListenerType;
import org.apache.kafka.common.message.RequestHeaderData;
import org.apache.kafka.common.message.ResponseHeaderData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.protocol.ObjectSerializationCache;
import org.apache.kafka.coordinator.common.runtime.CoordinatorRecord;
import org.apache.kafka.coordinator.common.runtime.CoordinatorRecordSerde;
import org.apache.kafka.coordinator.group.GroupCoordinatorRecordSerde;
import org.apache.kafka.coordinator.transaction.TransactionCoordinatorRecordSerde;
import org.apache.kafka.metadata.MetadataRecordSerde;
import org.apache.kafka.server.common.ApiMessageAndVersion;

/**
 * Reads and writes messages with the classes that Apache Kafka itself uses.
 *
 * <p>In: a file of cases. Out: a file with an answer to each, in their order. Never here: any
 * opinion on what is right; who asks compares the bytes.
 */
public final class Judge {
    private static final int OK = 0;
    private static final int READ_REFUSED = 1;
    private static final int WRITE_REFUSED = 2;

    private static final List<String> PACKAGES = List.of(
        "org.apache.kafka.common.message.",
        "org.apache.kafka.common.metadata.",
        "org.apache.kafka.coordinator.group.generated.",
        "org.apache.kafka.coordinator.transaction.generated.",
        "org.apache.kafka.coordinator.share.generated.",
        "org.apache.kafka.raft.generated.",
        "org.apache.kafka.server.log.remote.metadata.storage.generated.");

    private static final Map<String, Class<?>> CLASSES = new HashMap<>();

    private interface Writing {
        byte[] write() throws Exception;
    }

    private interface Reading {
        Writing read() throws Exception;
    }

    public static void main(String[] arguments) throws Exception {
        try (DataInputStream in = new DataInputStream(
                new BufferedInputStream(Files.newInputStream(Path.of(arguments[0]))));
            DataOutputStream out = new DataOutputStream(
                new BufferedOutputStream(Files.newOutputStream(Path.of(arguments[1]))))) {
            int cases = in.readInt();
            for (int i = 0; i < cases; i++) {
                Reading reading = next(in);
                answer(reading, out);
            }
        }
    }

    private static Reading next(DataInputStream in) throws Exception {
        String question = in.readUTF();
        String name = in.readUTF();
        short from = in.readShort();
        short to = in.readShort();
        byte[] first = in.readNBytes(in.readInt());
        byte[] second = in.readNBytes(in.readInt());
        return switch (question) {
            case "message" -> () -> {
                Message message = read(newMessage(name), from, ByteBuffer.wrap(first));
                return () -> bytes(message, to);
            };
            case "default" -> () -> {
                Message message = newMessage(name);
                return () -> bytes(message, to);
            };
            case "request" -> () -> request(first);
            case "response" -> () -> response(from, to, first);
            case "metadata record" -> () -> metadataRecord(first);
            case "group record" -> () -> record(new GroupCoordinatorRecordSerde(), first, second);
            case "transaction record" ->
                () -> record(new TransactionCoordinatorRecordSerde(), first, second);
            case "apis" -> () -> () -> apis().getBytes(StandardCharsets.UTF_8);
            default -> throw new IllegalArgumentException(question);
        };
    }

    private static void answer(Reading reading, DataOutputStream out) throws Exception {
        int status = READ_REFUSED;
        byte[] bytes;
        try {
            Writing writing = reading.read();
            status = WRITE_REFUSED;
            bytes = writing.write();
            status = OK;
        } catch (RuntimeException refused) {
            bytes = refused.toString().getBytes(StandardCharsets.UTF_8);
        }
        out.writeByte(status);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static Message newMessage(String name) throws Exception {
        Class<?> found = CLASSES.get(name);
        for (String suffix : List.of("Data", "")) {
            for (String prefix : PACKAGES) {
                if (found != null) {
                    break;
                }
                try {
                    Class<?> candidate = Class.forName(prefix + name + suffix);
                    found = Message.class.isAssignableFrom(candidate) ? candidate : null;
                } catch (ClassNotFoundException elsewhere) {
                    continue;
                }
            }
        }
        if (found == null) {
            throw new Exception("Kafka has no class for " + name);
        }
        CLASSES.put(name, found);
        return (Message) found.getConstructor().newInstance();
    }

    private static Message read(Message message, short version, ByteBuffer buffer) {
        message.read(new ByteBufferAccessor(buffer), version);
        if (buffer.hasRemaining()) {
            throw new IllegalStateException(buffer.remaining() + " bytes are left");
        }
        return message;
    }

    private static byte[] bytes(Message message, short version) {
        return array(MessageUtil.toByteBufferAccessor(message, version).buffer());
    }

    private static byte[] array(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }

    private static byte[] joined(byte[] first, byte[] second) {
        return ByteBuffer.allocate(first.length + second.length).put(first).put(second).array();
    }

    private static Writing request(byte[] frame) {
        ByteBuffer buffer = ByteBuffer.wrap(frame);
        short key = buffer.getShort(0);
        short version = buffer.getShort(2);
        ApiKeys api = ApiKeys.forId(key);
        short headerVersion = api.requestHeaderVersion(version);
        RequestHeaderData header =
            new RequestHeaderData(new ByteBufferAccessor(buffer), headerVersion);
        Message body = read(api.messageType.newRequest(), version, buffer);
        return () -> joined(bytes(header, headerVersion), bytes(body, version));
    }

    private static Writing response(short key, short version, byte[] frame) {
        ByteBuffer buffer = ByteBuffer.wrap(frame);
        ApiKeys api = ApiKeys.forId(key);
        short headerVersion = api.responseHeaderVersion(version);
        ResponseHeaderData header =
            new ResponseHeaderData(new ByteBufferAccessor(buffer), headerVersion);
        Message body = read(api.messageType.newResponse(), version, buffer);
        return () -> joined(bytes(header, headerVersion), bytes(body, version));
    }

    private static Writing metadataRecord(byte[] value) {
        MetadataRecordSerde serde = new MetadataRecordSerde();
        ApiMessageAndVersion record =
            serde.read(new ByteBufferAccessor(ByteBuffer.wrap(value)), value.length);
        return () -> {
            ObjectSerializationCache cache = new ObjectSerializationCache();
            ByteBuffer buffer = ByteBuffer.allocate(serde.recordSize(record, cache));
            serde.write(record, cache, new ByteBufferAccessor(buffer));
            buffer.flip();
            return array(buffer);
        };
    }

    private static Writing record(CoordinatorRecordSerde serde, byte[] key, byte[] value) {
        CoordinatorRecord record = serde.deserialize(ByteBuffer.wrap(key), ByteBuffer.wrap(value));
        return () -> joined(serde.serializeKey(record), serde.serializeValue(record));
    }

    /** A line per API: number, versions, stability, listeners, header versions of each version. */
    private static String apis() {
        StringBuilder out = new StringBuilder();
        for (ApiKeys api : ApiKeys.values()) {
            if (!api.hasValidVersion()) {
                continue;
            }
            out.append(api.id).append(' ').append(api.name);
            out.append(' ').append(api.oldestVersion());
            out.append(' ').append(api.latestVersion());
            out.append(' ').append(api.latestVersion(true) != api.latestVersion(false));
            for (ListenerType listener : new TreeSet<>(api.messageType.listeners())) {
                out.append(' ').append(listener.name().toLowerCase());
            }
            for (short version = api.oldestVersion(); version <= api.latestVersion(); version++) {
                out.append(' ').append(api.requestHeaderVersion(version));
                out.append('/').append(api.responseHeaderVersion(version));
            }
            out.append('\n');
        }
        return out.toString();
    }
}
