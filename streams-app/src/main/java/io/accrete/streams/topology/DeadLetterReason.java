package io.accrete.streams.topology;

import io.accrete.content.ContentException;
import io.accrete.image.ImageException;

/** Why an event could not be processed; the value of the header {@value DeadLetters#REASON}. */
public enum DeadLetterReason {
  /** The key is missing, empty, too long or not UTF-8. */
  UNPARSABLE_KEY,
  /** The value is not Avro in the registry's wire format, or its payload does not fit its schema. */
  NOT_AVRO,
  /** The registry does not know the value's schema. */
  UNKNOWN_SCHEMA,
  /** The event contradicts its own rules: no image id, ADD without content, a hash that is none, texts too long. */
  INVALID_EVENT,
  IMAGE_EMPTY,
  IMAGE_TOO_LARGE,
  IMAGE_TOO_MANY_PIXELS,
  IMAGE_UNSUPPORTED,
  IMAGE_CORRUPT,
  /** The configuration does not allow the reference to be followed. */
  CONTENT_NOT_ALLOWED,
  CONTENT_NOT_FOUND,
  CONTENT_UNREACHABLE,
  /** The referenced bytes have another hash than the event says. */
  HASH_MISMATCH,
  /** The object holds as many images or attributes as the configuration allows. */
  OBJECT_FULL,
  /** An image that stays in the object could not be read again, so the object stays as it was. */
  REFOLD_FAILED,
  /** The model computes no finite embedding from this image. */
  NOT_FINITE;

  /** Why an image cannot be used. */
  public static DeadLetterReason of(ImageException.Reason reason) {
    return switch (reason) {
      case EMPTY -> IMAGE_EMPTY;
      case TOO_MANY_BYTES -> IMAGE_TOO_LARGE;
      case TOO_MANY_PIXELS -> IMAGE_TOO_MANY_PIXELS;
      case UNSUPPORTED_FORMAT -> IMAGE_UNSUPPORTED;
      case CORRUPT -> IMAGE_CORRUPT;
    };
  }

  /** Why a reference could not be followed. */
  public static DeadLetterReason of(ContentException.Reason reason) {
    return switch (reason) {
      case NOT_ALLOWED -> CONTENT_NOT_ALLOWED;
      case NOT_FOUND -> CONTENT_NOT_FOUND;
      case TOO_LARGE -> IMAGE_TOO_LARGE;
      case UNREACHABLE -> CONTENT_UNREACHABLE;
      case INVALID_URI -> INVALID_EVENT;
    };
  }
}
