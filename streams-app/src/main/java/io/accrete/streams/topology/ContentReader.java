package io.accrete.streams.topology;

import io.accrete.content.ContentException;
import io.accrete.content.ContentResolver;
import io.accrete.events.ContentReference;
import io.accrete.events.ImageEvent;
import io.accrete.state.LedgerEntry;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;

/** Finds the bytes behind events and ledger entries. */
final class ContentReader {
  private final ContentResolver resolver;

  ContentReader(ContentResolver resolver) {
    this.resolver = resolver;
  }

  /** The content of an event that adds an image. Fetches now only if nothing else tells the hash. */
  Content of(ImageEvent event) throws RejectedEventException {
    if (event.getContent() instanceof ContentReference reference) {
      String uri = reference.getUri();
      if (reference.getSha256() == null) {
        byte[] bytes = fetch(uri);
        return new Content(Content.sha256(bytes), uri, () -> bytes);
      }
      byte[] declared = HexFormat.of().parseHex(reference.getSha256());
      return new Content(declared, uri, () -> fetch(uri, declared));
    }
    ByteBuffer buffer = (ByteBuffer) event.getContent();
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return new Content(Content.sha256(bytes), null, () -> bytes);
  }

  /** The content of an image in the ledger that came by reference, as it was when it was added. */
  Content again(LedgerEntry entry) {
    byte[] sha256 = entry.getSha256().bytes();
    return new Content(sha256, entry.getUri(), () -> fetch(entry.getUri(), sha256));
  }

  private byte[] fetch(String uri, byte[] sha256) throws RejectedEventException {
    byte[] bytes = fetch(uri);
    byte[] found = Content.sha256(bytes);
    if (!Arrays.equals(found, sha256)) {
      throw new RejectedEventException(DeadLetterReason.HASH_MISMATCH,
          "The referenced bytes have the SHA-256 " + Content.hex(found) + "; expected " + Content.hex(sha256) + ".");
    }
    return bytes;
  }

  private byte[] fetch(String uri) throws RejectedEventException {
    try {
      return resolver.fetch(uri);
    } catch (ContentException e) {
      throw new RejectedEventException(DeadLetterReason.of(e.reason()), e.getMessage());
    }
  }
}
