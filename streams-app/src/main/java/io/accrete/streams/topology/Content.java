package io.accrete.streams.topology;

import io.accrete.bundle.Sha256;
import io.accrete.state.LedgerEntry;
import java.security.MessageDigest;
import java.util.HexFormat;

/**
 * The content of one image as an event or the ledger names it; bytes by reference are fetched when they are asked for.
 *
 * <p>{@link #bytes()} have the hash {@link #sha256()}, or it throws.
 */
final class Content {
  private final byte[] sha256;
  private final String uri;
  private final Bytes bytes;

  Content(byte[] sha256, String uri, Bytes bytes) {
    this.sha256 = sha256;
    this.uri = uri;
    this.bytes = bytes;
  }

  /** SHA-256 of the bytes, which may not have been fetched yet. */
  byte[] sha256() {
    return sha256;
  }

  /** Where the bytes lie; null for content by value. */
  String uri() {
    return uri;
  }

  byte[] bytes() throws RejectedEventException {
    return bytes.get();
  }

  /** The same with its bytes fetched now; if that fails, they fail alike whenever they are asked for. */
  Content fetched() {
    try {
      byte[] now = bytes.get();
      return new Content(sha256, uri, () -> now);
    } catch (RejectedEventException e) {
      return new Content(sha256, uri, () -> {
        throw e;
      });
    }
  }

  boolean isThatOf(LedgerEntry entry) {
    return MessageDigest.isEqual(sha256, entry.getSha256().bytes());
  }

  static byte[] sha256(byte[] bytes) {
    return Sha256.bytes(bytes);
  }

  static String hex(byte[] hash) {
    return HexFormat.of().formatHex(hash);
  }

  interface Bytes {
    byte[] get() throws RejectedEventException;
  }
}
