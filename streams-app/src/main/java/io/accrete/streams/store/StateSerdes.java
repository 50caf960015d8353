package io.accrete.streams.store;

import io.accrete.serde.GeneratedClasses;
import io.accrete.state.LedgerEntry;
import io.accrete.state.ObjectState;
import io.accrete.state.SweepState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import org.apache.avro.message.BinaryMessageDecoder;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;

/** Serdes of what the stores hold. Records are in Avro's single-object encoding, so state needs no schema registry to be read. */
final class StateSerdes {
  static {
    GeneratedClasses.trust();
  }

  private StateSerdes() {}

  static Serde<ObjectState> objectState() {
    return avro(ObjectState.getEncoder(), ObjectState.getDecoder());
  }

  static Serde<LedgerEntry> ledgerEntry() {
    return avro(LedgerEntry.getEncoder(), LedgerEntry.getDecoder());
  }

  static Serde<SweepState> sweepState() {
    return avro(SweepState.getEncoder(), SweepState.getDecoder());
  }

  private static <T extends SpecificRecordBase> Serde<T> avro(BinaryMessageEncoder<T> encoder, BinaryMessageDecoder<T> decoder) {
    return Serdes.serdeFrom(
        (topic, value) -> value == null ? null : encode(encoder, value),
        (topic, bytes) -> bytes == null ? null : decode(decoder, bytes));
  }

  private static <T> byte[] encode(BinaryMessageEncoder<T> encoder, T value) {
    try {
      ByteBuffer buffer = encoder.encode(value);
      byte[] bytes = new byte[buffer.remaining()];
      buffer.get(bytes);
      return bytes;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static <T> T decode(BinaryMessageDecoder<T> decoder, byte[] bytes) {
    try {
      return decoder.decode(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
