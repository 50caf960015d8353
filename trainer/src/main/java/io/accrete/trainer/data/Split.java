package io.accrete.trainer.data;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** Which objects never train: told by a hash of the id alone, so that every run, machine and restart agrees. */
public final class Split {
  private Split() {}

  /**
   * Whether an object is held back: the first 4 bytes of the SHA-256 of its UTF-8 id, as a fraction of 2³², lie below the share. A larger
   * share holds back the same objects and more.
   *
   * @param share 0 to 1
   */
  public static boolean heldBack(String objectId, double share) {
    if (!(share >= 0 && share <= 1)) {
      throw new IllegalArgumentException("Expected a share of held-back objects from 0 to 1, found " + share + ".");
    }
    return Integer.toUnsignedLong(ByteBuffer.wrap(sha256(objectId)).getInt()) < share * 0x1p32;
  }

  private static byte[] sha256(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every JDK has SHA-256
    }
  }
}
