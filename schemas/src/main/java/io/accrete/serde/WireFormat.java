package io.accrete.serde;

import java.nio.ByteBuffer;

/** The Confluent wire format: a zero byte, the schema id as 4 bytes big-endian, then the Avro binary encoding. */
final class WireFormat {
  static final int HEADER_BYTES = 5;
  private static final byte MAGIC = 0;

  private WireFormat() {}

  static byte[] header(int id) {
    return ByteBuffer.allocate(HEADER_BYTES).put(MAGIC).putInt(id).array();
  }

  /** The schema id at the front of the bytes. */
  static int id(String topic, byte[] bytes) {
    if (bytes.length < HEADER_BYTES || bytes[0] != MAGIC) {
      throw new AvroSerdeException(AvroSerdeException.Reason.NOT_AVRO, "The record in topic '" + topic
          + "' is not Avro in the Confluent wire format: expected a zero byte and a 4-byte schema id,"
          + " found " + found(bytes) + ". Write it with a schema registry serializer.", null);
    }
    return ByteBuffer.wrap(bytes).getInt(1);
  }

  private static String found(byte[] bytes) {
    return bytes.length < HEADER_BYTES ? bytes.length + " bytes in all" : String.format("0x%02x as first byte", bytes[0]);
  }
}
