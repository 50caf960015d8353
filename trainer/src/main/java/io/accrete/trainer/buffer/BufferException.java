package io.accrete.trainer.buffer;

/** A buffer that cannot be used as asked; the message is for people. */
public final class BufferException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  BufferException(String message) {
    super(message);
  }

  BufferException(String message, Throwable cause) {
    super(message, cause);
  }
}
