package io.accrete.streams.feed;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** Server-sent events, one after the other, onto the connection of a client. For one thread. */
final class EventOutput {
  private final OutputStream out;
  private final Duration heartbeat;
  private long written = System.nanoTime();
  private boolean flushed = true;

  /** @param heartbeat how long it may be silent */
  EventOutput(OutputStream out, Duration heartbeat) {
    this.out = out;
    this.heartbeat = heartbeat;
  }

  /** Sends the headers, and how soon to come back after the connection ended. */
  void begin() throws IOException {
    write("retry: 1000\n\n");
    flush();
  }

  /** @param data one line */
  void event(String type, Place place, byte[] data) throws IOException {
    write("id: " + place + "\nevent: " + type + "\ndata: ");
    out.write(data);
    write("\n\n");
  }

  /**
   * After some silence sends where the client is (null: nowhere yet). Browsers remember it like an event's id; and who has left is noticed.
   */
  void heartbeat(Place place) throws IOException {
    if (silence().isZero()) {
      write(place == null ? ":\n\n" : "id: " + place + "\n\n");
      flush();
    }
  }

  /** How long it may still be silent. */
  Duration silence() {
    long left = heartbeat.toNanos() - (System.nanoTime() - written);
    return left > 0 ? Duration.ofNanos(left) : Duration.ZERO;
  }

  void flush() throws IOException {
    if (!flushed) {
      out.flush();
      flushed = true;
    }
  }

  private void write(String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.UTF_8));
    written = System.nanoTime();
    flushed = false;
  }
}
