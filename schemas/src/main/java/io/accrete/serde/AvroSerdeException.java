package io.accrete.serde;

import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.SerializationException;

/** A record could not be written or read, and why. The message is for people. */
public final class AvroSerdeException extends SerializationException {
  /** What is wrong; only {@link #REGISTRY_UNAVAILABLE} passes by itself. */
  public enum Reason {
    /** The bytes do not begin like Avro in the Confluent wire format. */
    NOT_AVRO,
    /** The registry does not know the schema id in the bytes. */
    UNKNOWN_SCHEMA,
    /** The bytes do not fit their schema, or their schema does not fit the reader's. */
    UNDECODABLE,
    /** The record does not fit its own schema. */
    UNENCODABLE,
    /** The registry does not accept the schema. */
    SCHEMA_REFUSED,
    /** The registry cannot be used now. */
    REGISTRY_UNAVAILABLE;

    /** The reason behind any serializer's or deserializer's exception, Confluent's too, as far as it tells. */
    public static Reason of(Throwable error) {
      for (Throwable e = error; e != null; e = e.getCause()) {
        if (e instanceof AvroSerdeException own) {
          return own.reason();
        }
        if (e instanceof RetriableException || e instanceof SocketException || e instanceof SocketTimeoutException
            || e instanceof UnknownHostException) {
          return REGISTRY_UNAVAILABLE;
        }
      }
      return UNDECODABLE;
    }
  }

  private final Reason reason;

  AvroSerdeException(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}
